// The icons, whose shapes differ without colour. They are decoration, always beside a text.

function Icon({ children, size = 20 }: { children: React.ReactNode; size?: number }) {
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      {children}
    </svg>
  );
}

const Handset = () => (
  <>
    <rect x="7" y="2" width="10" height="20" rx="2" />
    <path d="M11 18h2" />
  </>
);

/** A mobile that SMS may go to. */
export const MobileIcon = () => (
  <Icon>
    <Handset />
  </Icon>
);

/** A mobile that no SMS may go to, struck through. */
export const MobileBlockedIcon = () => (
  <Icon>
    <Handset />
    <path d="M2.5 21.5 21.5 2.5" strokeWidth="2.5" />
  </Icon>
);

/** A mobile that staff are asked about, with an exclamation mark. */
export const MobileAskIcon = () => (
  <Icon>
    <path d="M12 2H6a2 2 0 0 0-2 2v16a2 2 0 0 0 2 2h6a2 2 0 0 0 2-2v-8" />
    <path d="M8 18h2" />
    <path d="M19 3v6" strokeWidth="2.5" />
    <path d="M19 13.2v.1" strokeWidth="3" />
  </Icon>
);

export const CloseIcon = () => (
  <Icon>
    <path d="M6 6l12 12M18 6 6 18" />
  </Icon>
);

export const CheckIcon = () => (
  <Icon>
    <path d="m5 12.5 5 5L19.5 7" strokeWidth="2.5" />
  </Icon>
);

export const AlertIcon = () => (
  <Icon>
    <path d="M12 3 2 20h20L12 3Z" />
    <path d="M12 10v4M12 17v.1" />
  </Icon>
);

export const SearchIcon = () => (
  <Icon>
    <circle cx="11" cy="11" r="7" />
    <path d="m20 20-4-4" />
  </Icon>
);

export const CallIcon = () => (
  <Icon>
    <path d="M6.5 3H4.6A1.6 1.6 0 0 0 3 4.7C3.6 13.300 10.7 20.400 19.3 21a1.600 1.600 0 0 0 1.700-1.600V17l-4.200-1.600-2 2A14 14 0 0 1 6.600 9.200l2-2L6.500 3Z" />
  </Icon>
);

export const LetterIcon = () => (
  <Icon>
    <rect x="3" y="5" width="18" height="14" rx="2" />
    <path d="m3.500 7 8.500 6 8.500-6" />
  </Icon>
);

export const TodayIcon = () => (
  <Icon>
    <circle cx="12" cy="12" r="4" />
    <path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.600 5.600 7 7M17 17l1.400 1.400M5.600 18.400 7 17M17 7l1.400-1.400" />
  </Icon>
);

export const ListIcon = () => (
  <Icon>
    <path d="M9 6h12M9 12h12M9 18h12M4 6h.1M4 12h.1M4 18h.1" />
  </Icon>
);

export const SentIcon = () => (
  <Icon>
    <path d="M21 3 3 10.500l7 3.500 3.500 7L21 3Z" />
  </Icon>
);

export const BlockIcon = () => (
  <Icon>
    <circle cx="12" cy="12" r="9" />
    <path d="m5.700 5.700 12.600 12.600" />
  </Icon>
);

export const SettingsIcon = () => (
  <Icon>
    <path d="M4 7h9M19 7h1M4 17h1M11 17h9" />
    <circle cx="16" cy="7" r="3" />
    <circle cx="8" cy="17" r="3" />
  </Icon>
);

export const MenuIcon = () => (
  <Icon>
    <path d="M4 6h16M4 12h16M4 18h16" />
  </Icon>
);

export const MoreIcon = () => (
  <Icon>
    <path d="M5 12h.1M12 12h.1M19 12h.1" strokeWidth="3" />
  </Icon>
);
