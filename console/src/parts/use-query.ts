import { useLocation } from 'preact-iso';

/** The filters of a screen live in its address, so that a link shows the same rows. */
export function useQuery(): [Readonly<Record<string, string>>, (changed: Record<string, string>) => void] {
  const { path, query, route } = useLocation();
  const change = (changed: Record<string, string>) => {
    const set = Object.entries({ ...query, ...changed }).filter(([, value]) => value !== '');
    const text = new URLSearchParams(set).toString();
    route(text === '' ? path : `${path}?${text}`, true);
  };
  return [query, change];
}
