// Changes in the practice, as the API reports them over the socket.
import { act } from "@testing-library/react";
import { vi } from "vitest";

import { follow } from "../data/changes";

/** Follow the practice's changes as the page does; return a function that changes everything. */
export function following(): { everythingChanged(): void; end(): void } {
  const end = follow();
  return {
    everythingChanged: () => {
      // A second later, because a screen refreshes once a second.
      vi.setSystemTime(Date.now() + 1000);
      // Back online, the page assumes that it has missed every change.
      act(() => void dispatchEvent(new Event("online")));
    },
    end: () => {
      vi.useRealTimers();
      end();
    },
  };
}

/** Let work in progress get as far as it can. */
export const aMoment = (milliseconds = 20): Promise<void> =>
  act(() => new Promise<void>((resolve) => setTimeout(resolve, milliseconds)));
