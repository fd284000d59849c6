// The settings' pages: the last part of each one's path, and its name.

export const SCREENS = [
  ["categories", "Categories"],
  ["preferences", "Preferences"],
  ["automation", "Automated runs"],
  ["people", "People"],
  ["tokens", "Access tokens"],
  ["audit", "Audit trail"],
] as const;
