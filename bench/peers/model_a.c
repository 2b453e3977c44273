/* M/M/c+M by hand: what the machine can do at best. */
#include "agenda.h"

enum { DONE, PATIENCE };

static Line line;

void model_a(int64_t interactions, uint64_t seed, int64_t warm_up, double per_second,
             double service, double patience, int32_t agents, Counts *counts)
{
    start(seed);
    line.head = line.tail = 0;
    int64_t came = 0;
    int idle = agents;
    double arrival = exponential(1 / per_second);
    while (events || came < interactions) {
        if (came < interactions && (!events || arrival < agenda[0].at)) {
            int counted = came++ >= warm_up;
            if (idle) {
                idle--;
                counts->served[0] += counted;
                schedule(arrival + exponential(service), DONE, 0);
            } else
                queue_up(&line, arrival, counted, PATIENCE, exponential(patience));
            arrival += exponential(1 / per_second);
            continue;
        }
        Event event = soonest();
        if (event.kind == PATIENCE)
            run_out(&line, event.place, counts, 0);
        else if (waits(&line)) {
            take(&line, event.at, counts, 0);
            schedule(event.at + exponential(service), DONE, 0);
        } else
            idle++;
    }
    free(agenda);
}
