/* What both models stand on: an agenda of events as a binary heap, exponential times
 * from a splitmix64 generator, and lines of those who wait. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

typedef struct { double at; uint32_t kind, place; } Event;

/* Filled for the caller, by type. */
typedef struct { int64_t served[2], abandoned[2], waited[2]; double wait_served_s[2]; } Counts;

static uint64_t state;
static Event *agenda;
static int events, room;

static inline uint64_t bits(void)
{
    uint64_t z = (state += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

static inline double exponential(double mean)
{
    return -mean * log(((bits() >> 11) + 1) * 0x1p-53);
}

static void start(uint64_t seed)
{
    state = seed * 0xd1342543de82ef95ULL + 1;
    events = 0;
    room = 1 << 12;
    agenda = malloc(room * sizeof *agenda);
}

static inline void schedule(double at, uint32_t kind, uint32_t place)
{
    if (events == room)
        agenda = realloc(agenda, (room *= 2) * sizeof *agenda);
    int k = events++;
    while (k > 0 && agenda[(k - 1) / 2].at > at) {
        agenda[k] = agenda[(k - 1) / 2];
        k = (k - 1) / 2;
    }
    agenda[k] = (Event){at, kind, place};
}

static inline Event soonest(void)
{
    Event top = agenda[0], last = agenda[--events];
    int k = 0;
    for (int child = 1; child < events; child = 2 * k + 1) {
        child += child + 1 < events && agenda[child + 1].at < agenda[child].at;
        if (agenda[child].at >= last.at)
            break;
        agenda[k] = agenda[child];
        k = child;
    }
    agenda[k] = last;
    return top;
}

/* A line is a ring of places, given in turn; `head` is the first that may still wait.
 * A place below `head` is past, so a stale patience timer needs no cancelling. */
#define RING (1 << 16)
typedef struct { uint32_t head, tail; uint8_t counted[RING], gone[RING]; double arrived[RING]; } Line;

static inline void queue_up(Line *line, double now, int counted, uint32_t kind, double patience)
{
    uint32_t spot = line->tail & (RING - 1);
    line->arrived[spot] = now;
    line->counted[spot] = counted;
    line->gone[spot] = 0;
    schedule(now + patience, kind, line->tail++);
}

/* Whether somebody waits; the head then stands at who waits longest. */
static inline int waits(Line *line)
{
    while (line->head != line->tail && line->gone[line->head & (RING - 1)])
        line->head++;
    return line->head != line->tail;
}

static inline void run_out(Line *line, uint32_t place, Counts *counts, int type)
{
    uint32_t spot = place & (RING - 1);
    if (place < line->head)
        return;
    line->gone[spot] = 1;
    counts->abandoned[type] += line->counted[spot];
    counts->waited[type] += line->counted[spot];
}

/* Who waits longest is served. */
static inline void take(Line *line, double now, Counts *counts, int type)
{
    uint32_t spot = line->head++ & (RING - 1);
    counts->served[type] += line->counted[spot];
    counts->waited[type] += line->counted[spot];
    counts->wait_served_s[type] += line->counted[spot] ? now - line->arrived[spot] : 0;
}
