// News of the practice, as the API tells of it over the line.
import { act } from "@testing-library/react";
import { vi } from "vitest";

import { follow } from "../data/changes";

/** Follows the practice as the page does; gives a function that has everything changed. */
export function following(): { everythingChanged(): void; end(): void } {
  const end = follow();
  return {
    everythingChanged: () => {
      // A second later, for news is taken up once a second.
      vi.setSystemTime(Date.now() + 1000);
      // Back on the line, the page takes it that it has missed everything.
      act(() => void dispatchEvent(new Event("online")));
    },
    end: () => {
      vi.useRealTimers();
      end();
    },
  };
}

/** Lets what is under way come as far as it comes by itself. */
export const aMoment = (milliseconds = 20): Promise<void> =>
  act(() => new Promise<void>((resolve) => setTimeout(resolve, milliseconds)));
