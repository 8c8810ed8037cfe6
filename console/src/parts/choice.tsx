/** One of a few values of a filter; the empty one is all. */
export function Choice({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: string;
  options: readonly string[];
  onChange: (value: string) => void;
}) {
  return (
    <div class="tabs" role="group" aria-label={label}>
      {['', ...options].map((option) => (
        <button key={option} type="button" aria-pressed={value === option} onClick={() => onChange(option)}>
          {option === '' ? 'all' : option}
        </button>
      ))}
    </div>
  );
}
