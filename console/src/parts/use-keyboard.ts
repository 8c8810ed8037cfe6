import { effect, signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

const storageName = 'sluice.keys';
/** Whether keys of one letter act; kept in this browser. */
export const areKeysOn = signal(localStorage.getItem(storageName) !== 'off');
effect(() => localStorage.setItem(storageName, areKeysOn.value ? 'on' : 'off'));

/** Acts of single keys, while nothing is being typed. */
export function useKeyboard(isOn: boolean, acts: Readonly<Record<string, () => unknown>>): void {
  // A key acts on the rows that were drawn last, also when the next key follows at once.
  const latest = useRef(acts);
  latest.current = acts;
  useEffect(() => {
    if (!isOn) return;
    const hear = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      const isTyping =
        /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && !target.matches('[type=checkbox]');
      const isButton = event.key === 'Enter' && target.matches('a, button');
      if (!areKeysOn.value || isTyping || isButton || event.ctrlKey || event.metaKey || event.altKey) return;
      const act = latest.current[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', hear);
    return () => document.removeEventListener('keydown', hear);
  }, [isOn]);
}
