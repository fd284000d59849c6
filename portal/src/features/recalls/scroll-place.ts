// How far the list was scrolled, for the return to it; for one tab and filter, the last.
let kept = { list: "", top: 0 };

export const scrollPlace = {
  /** Keep how far a list is scrolled. */
  keep(list: string, top: number): void {
    kept = { list, top };
  },
  /** Return how far the list was scrolled when it was last left. */
  of: (list: string): number => (kept.list === list ? kept.top : 0),
};
