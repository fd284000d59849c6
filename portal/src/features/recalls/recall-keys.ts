// The recall list's keyboard shortcuts, as the shortcuts dialog lists them.

/** The keys of the list, and what each does. */
export const RECALL_KEYS = [
  ["↑ ↓ or k j", "Up and down"],
  ["Page Up, Page Down, Home, End", "Jump"],
  ["Space or x", "Select or deselect"],
  ["Shift + ↑ ↓, Shift + Space", "Select a range"],
  ["Ctrl + A", "Select all"],
  ["Enter or o", "Open the recall"],
  ["s", "Send SMS to the selected"],
  ["c, l", "Record a call, a letter"],
  ["n", "No further action"],
  ["Escape", "Clear the selection"],
] as const;
