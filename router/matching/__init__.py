"""Choosing the best set of pairs, on plain arrays.

The engine hands over arcs (which waiting row could go to which column, and how many
points that is worth) and gets pairs back. Nothing here knows what a row or a column
stands for: `matching` must never see the floor, read a clock or draw a random number.

- `arcs`: what a round may look like, checked and put into canonical order;
- `greedy`: best arc first, the yardstick of every round and its fallback;
- `pruning`: which arcs the exact solver need not see;
- `solver`: OR-Tools behind one function;
- `worker`: the same function in a process of its own (`spawn`, `wire`
  and `child` serve it).
"""
