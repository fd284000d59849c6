// What is docked under the page, on every screen: sends that go on, and what has just been done.
import { useCallback } from "react";

import { Toasts } from "../../ui/Toast";
import { useAnnouncement } from "../../ui/announce";
import { RunsInProgress } from "../runs/RunsInProgress";

/** The lines under the page; other parts that stick to the bottom keep `--docked` above it. */
export function Docked() {
  const measured = useCallback((element: HTMLElement | null) => {
    if (!element) return;
    const { style } = document.documentElement;
    const observer = new ResizeObserver(() =>
      style.setProperty("--docked", `${element.offsetHeight}px`),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      style.removeProperty("--docked");
    };
  }, []);
  return (
    <section aria-label="Notifications" className="docked" ref={measured}>
      <RunsInProgress />
      <Toasts />
    </section>
  );
}

/** What is read out: there from the start, and not hidden while a dialog is open. */
export function Announcer() {
  const { text, number } = useAnnouncement();
  return (
    <div role="status" className="unseen" data-live-announcer="true">
      <span key={number}>{text}</span>
    </div>
  );
}
