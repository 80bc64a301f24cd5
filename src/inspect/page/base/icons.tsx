/** Icons. Each has a text or a label beside it. */

const Icon = ({ path, fill }: { readonly path: string; readonly fill?: boolean }) => (
  <svg class={fill ? 'icon filled' : 'icon'} viewBox="0 0 16 16" aria-hidden="true">
    <path d={path} />
  </svg>
);

export const PauseIcon = () => <Icon path="M5 3v10M11 3v10" />;
export const PlayIcon = () => <Icon fill path="M4.5 2.8v10.4L13 8z" />;
export const FirstIcon = () => <Icon fill path="M3 3h1.6v10H3zM13 3v10L5.6 8z" />;
export const BackIcon = () => <Icon fill path="M11.5 3v10L4 8z" />;
export const NextIcon = () => <Icon fill path="M4.5 3v10L12 8z" />;
export const WideIcon = () => (
  <Icon path="M9.5 2.5h4v4M6.5 13.5h-4v-4M13.2 2.8L9.5 6.5M2.8 13.2l3.7-3.7" />
);

export const THEME_ICONS = {
  auto: () => <Icon path="M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11" />,
  light: () => (
    <Icon path="M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6M8 1.5v1.6M8 12.9v1.6M1.5 8h1.6M12.9 8h1.6M3.4 3.4l1.1 1.1M11.5 11.5l1.1 1.1M12.6 3.4l-1.1 1.1M4.5 11.5l-1.1 1.1" />
  ),
  dark: () => <Icon path="M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8z" />,
} as const;

export const Logo = () => (
  <svg class="logo" viewBox="0 0 20 20" aria-hidden="true">
    <path d="M6.9 8.9l6-3.1M6.9 11.1l6 3.1" />
    <circle cx="4.8" cy="10" r="2.9" />
    <circle cx="15" cy="4.8" r="2.9" />
    <circle cx="15" cy="15.2" r="2.9" />
  </svg>
);
