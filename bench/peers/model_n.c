/* Two types, two pools, the longest waiting first, by hand. */
#include "agenda.h"

enum { DONE, PATIENCE = 2 }; /* DONE + pool, PATIENCE + type */

static Line lines[2];

void model_n(int64_t interactions, uint64_t seed, int64_t warm_up, double per_second,
             double service, double patience, int32_t pool_1, int32_t pool_2,
             Counts *counts)
{
    start(seed);
    lines[0].head = lines[0].tail = lines[1].head = lines[1].tail = 0;
    int64_t came = 0;
    int idle[2] = {pool_1, pool_2};
    double arrival = exponential(1 / per_second);
    while (events || came < interactions) {
        if (came < interactions && (!events || arrival < agenda[0].at)) {
            int counted = came++ >= warm_up, type = bits() >> 63;
            int pool = type == 0 && idle[0] ? 0 : 1;
            if (idle[pool]) {
                idle[pool]--;
                counts->served[type] += counted;
                schedule(arrival + exponential(service), DONE + pool, 0);
            } else
                queue_up(&lines[type], arrival, counted, PATIENCE + type, exponential(patience));
            arrival += exponential(1 / per_second);
            continue;
        }
        Event event = soonest();
        if (event.kind >= PATIENCE) {
            int type = event.kind - PATIENCE;
            run_out(&lines[type], event.place, counts, type);
            continue;
        }
        int pool = event.kind - DONE, type = waits(&lines[0]) ? 0 : -1;
        if (pool == 1 && waits(&lines[1]) &&
            (type < 0 || lines[1].arrived[lines[1].head & (RING - 1)] <
                         lines[0].arrived[lines[0].head & (RING - 1)]))
            type = 1;
        if (type < 0) {
            idle[pool]++;
            continue;
        }
        take(&lines[type], event.at, counts, type);
        schedule(event.at + exponential(service), DONE + pool, 0);
    }
    free(agenda);
}
