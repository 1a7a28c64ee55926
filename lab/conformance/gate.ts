/** Something to wait for that happens once. */
export interface Gate {
  readonly opened: Promise<void>;
  isOpen(): boolean;
  /** Safe to call twice. */
  open(): void;
}

/** A gate that is shut. */
export function gate(): Gate {
  let isOpen = false;
  let resolveOpened = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    resolveOpened = resolve;
  });
  return {
    opened,
    isOpen: () => isOpen,
    open() {
      isOpen = true;
      resolveOpened();
    },
  };
}
