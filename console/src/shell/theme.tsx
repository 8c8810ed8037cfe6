import { effect, signal } from '@preact/signals';

const themes = ['system', 'light', 'dark'] as const;
const storageName = 'sluice.theme';
const theme = signal(localStorage.getItem(storageName) ?? 'system');
effect(() => {
  localStorage.setItem(storageName, theme.value);
  document.documentElement.dataset['theme'] = theme.value;
});

export function ThemeChoice() {
  return (
    <label>
      <span class="hidden-text">Colours</span>
      <select value={theme.value} onChange={({ currentTarget }) => (theme.value = currentTarget.value)}>
        {themes.map((name) => (
          <option key={name} value={name}>
            {name} colours
          </option>
        ))}
      </select>
    </label>
  );
}
