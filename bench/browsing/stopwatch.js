// A stopwatch in the page, by the browser's own clock: from an event until the change is painted.
window.stopwatch = {
  /** Resolve with the time of the first painted frame in which `shown` holds. */
  painted: (shown) =>
    new Promise((resolve) => {
      const look = () => {
        if (!shown()) {
          requestAnimationFrame(look);
          return;
        }
        // A message that is posted before a frame is painted arrives after it.
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve(performance.now());
        port2.postMessage(null);
      };
      requestAnimationFrame(look);
    }),

  /** Start at the last event of this kind; `time` is how long, in milliseconds, `shown` took. */
  from(kind, shown) {
    let start = Number.NaN;
    const note = (event) => {
      start = event.timeStamp;
    };
    addEventListener(kind, note, true);
    this.time = this.painted(() => start > 0 && shown()).then((end) => {
      removeEventListener(kind, note, true);
      return end - start;
    });
  },

  /** Start now, by doing something; resolve with how long, in milliseconds, `shown` took. */
  async after(act, shown) {
    const start = performance.now();
    act();
    return (await this.painted(shown)) - start;
  },
};
// The first rows, of the portal or of the bare page.
window.opened = window.stopwatch.painted(() => document.querySelector(".cell-patient"));
