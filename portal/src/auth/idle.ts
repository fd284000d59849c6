// How long the page has been idle: judged by keys, pointers and touch in any of the person's tabs,
// and by the wall clock, which goes on while a computer sleeps.

const channel = new BroadcastChannel("recalls.use");
const TOUCHES = ["keydown", "pointerdown", "pointermove", "wheel", "touchstart"] as const;
const SECOND = 1000;
const MINUTE = 60 * SECOND;

interface Used {
  readonly by: string;
  readonly at: number;
}

interface Ends {
  /** Called with true as the last minute begins, with false if somebody is there after all. */
  lastMinute(is: boolean): void;
  /** Called when nobody has used the page for the whole limit. */
  over(): void;
  /** Called during use, at most once a minute, because the API only notices requests. */
  used(): void;
}

export interface Watch {
  /** Keep the person signed in, in the last minute too, when a touch isn't enough. */
  stay(): void;
  stop(): void;
}

/** Return the milliseconds before the page ends a sign-in that the API ends after `seconds`. */
export function idleLimit(seconds: number): number {
  // The API records its last use to the minute, and the page makes a request once a minute.
  return seconds * SECOND - Math.min(2 * MINUTE, (seconds * SECOND) / 4);
}

/** Watch the tab, and the use of other tabs by `person`, until stopped. */
export function watchIdle(limit: number, person: () => string, ends: Ends): Watch {
  const warned = limit - Math.min(MINUTE, limit / 2);
  let last = Date.now();
  let [shared, asked] = [0, last];
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
    if (last > shared) {
      shared = last;
      channel.postMessage({ by: person(), at: last } satisfies Used);
    }
    if (last > asked && now - asked >= MINUTE) {
      asked = now;
      ends.used();
    }
  }
  function touched(): void {
    // On a computer that slept, the first touch comes before the timer's next tick.
    look();
    if (!lastMinute) last = Math.max(last, Date.now());
  }
  function heard({ data }: MessageEvent<Used>): void {
    if (data.by !== person() || data.at <= last) return;
    last = shared = data.at;
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
