// How long nobody has used the page: by keys, pointers and touch in any of a person's tabs, and by
// the wall clock, which goes on while a computer sleeps.

const channel = new BroadcastChannel("recalls.use");
const TOUCHES = ["keydown", "pointerdown", "pointermove", "wheel", "touchstart"] as const;
const SECOND = 1000;
const MINUTE = 60 * SECOND;

interface Used {
  readonly by: string;
  readonly at: number;
}

interface Ends {
  /** Called when the last minute begins, and when somebody is there after all. */
  lastMinute(is: boolean): void;
  /** Called when nobody has used it for the whole time. */
  over(): void;
  /** Called while it is used, once a minute at the most: the API counts what it is asked. */
  used(): void;
}

export interface Watch {
  /** In the last minute a touch isn't enough: somebody says that they are there. */
  stay(): void;
  stop(): void;
}

/** Milliseconds after which the page ends what the API would end after so many seconds. */
export function idleLimit(seconds: number): number {
  // The API keeps to the minute when it was last asked, and it is asked once a minute.
  return seconds * SECOND - Math.min(2 * MINUTE, (seconds * SECOND) / 4);
}

/** Watches the tab, and what `person` does in others, until it is stopped. */
export function watchIdle(limit: number, person: () => string, ends: Ends): Watch {
  const warned = limit - Math.min(MINUTE, limit / 2);
  let last = Date.now();
  let [told, asked] = [0, last];
  let lastMinute = false;

  function look(): void {
    const now = Date.now();
    if (now - last >= limit) {
      stop();
      ends.over();
      return;
    }
    const is = now - last >= warned;
    if (is !== lastMinute) ends.lastMinute(is);
    lastMinute = is;
    if (last > told) {
      told = last;
      channel.postMessage({ by: person(), at: last } satisfies Used);
    }
    if (last > asked && now - asked >= MINUTE) {
      asked = now;
      ends.used();
    }
  }
  function touched(): void {
    // Who comes back to a computer that slept touches it before the clock has ticked.
    look();
    if (!lastMinute) last = Math.max(last, Date.now());
  }
  function heard({ data }: MessageEvent<Used>): void {
    if (data.by !== person() || data.at <= last) return;
    last = told = data.at;
    look();
  }
  function stop(): void {
    clearInterval(timer);
    for (const touch of TOUCHES) removeEventListener(touch, touched, true);
    document.removeEventListener("visibilitychange", look);
    channel.removeEventListener("message", heard);
  }
  const timer = setInterval(look, SECOND);
  for (const touch of TOUCHES) addEventListener(touch, touched, { capture: true, passive: true });
  document.addEventListener("visibilitychange", look);
  channel.addEventListener("message", heard);
  return {
    stay: () => {
      last = Date.now();
      asked = 0;
      look();
    },
    stop,
  };
}
