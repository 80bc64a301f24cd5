/** The part of an SVG element that the drawing uses. */
export class FakeElement {
  readonly name: string;
  readonly attributes = new Map<string, string>();
  readonly children: FakeElement[] = [];
  readonly classes = new Set<string>();
  readonly style = {
    strokeWidth: '',
    values: {} as Record<string, string>,
    setProperty(key: string, value: string) {
      this.values[key] = value;
    },
  };
  readonly listeners: ((event: unknown) => void)[] = [];
  textContent = '';
  readonly classList = {
    add: (name: string) => void this.classes.add(name),
    remove: (name: string) => void this.classes.delete(name),
    toggle: (name: string, isOn: boolean) =>
      void (isOn ? this.classes.add(name) : this.classes.delete(name)),
  };

  constructor(name: string) {
    this.name = name;
  }

  setAttribute(key: string, value: string): void {
    if (key === 'class') for (const one of value.split(' ')) this.classes.add(one);
    else this.attributes.set(key, value);
  }

  append(...children: FakeElement[]): void {
    this.children.push(...children);
  }

  focus(): void {}

  addEventListener(_: string, listener: (event: unknown) => void): void {
    this.listeners.push(listener);
  }

  getBoundingClientRect(): object {
    return {};
  }

  all(): FakeElement[] {
    return [this, ...this.children.flatMap((child) => child.all())];
  }
}

/** Makes such elements. */
export const fakeDocument = {
  createElementNS: (_: string, name: string) => new FakeElement(name),
} as unknown as Document;
