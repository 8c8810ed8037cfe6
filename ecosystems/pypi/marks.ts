import type { FileMark, ProjectMarks } from '@sluice/intake';
import { pypiNames } from './names.ts';

const named = (name: string, names: string): FileMark => ({ name, path: new RegExp(`(?:^|/)(?:${names})$`) });

/** Signs of Python's tools and frameworks. */
export const pypiMarks: ProjectMarks = {
  tools: [
    named('Jupyter', '[^/]+\\.ipynb'),
    named('mypy', 'mypy\\.ini'),
    named('PDM', 'pdm\\.lock'),
    named('pip', 'requirements[^/]*\\.(?:txt|in)'),
    named('Pipenv', 'Pipfile(?:\\.lock)?'),
    named('Poetry', 'poetry\\.lock'),
    named('pytest', 'pytest\\.ini|conftest\\.py'),
    named('Ruff', '\\.?ruff\\.toml'),
    named('Setuptools', 'setup\\.(?:py|cfg)'),
    named('tox', 'tox\\.ini'),
    named('uv', 'uv\\.lock'),
  ],
  manifest: {
    fileName: /^(?:pyproject\.toml|Pipfile|requirements[^/]*\.(?:txt|in)|setup\.cfg)$/,
    dependenciesOf,
  },
  frameworks: {
    aiohttp: 'aiohttp',
    celery: 'Celery',
    django: 'Django',
    fastapi: 'FastAPI',
    flask: 'Flask',
    langchain: 'LangChain',
    pyramid: 'Pyramid',
    'scikit-learn': 'scikit-learn',
    scrapy: 'Scrapy',
    starlette: 'Starlette',
    streamlit: 'Streamlit',
    tensorflow: 'TensorFlow',
    torch: 'PyTorch',
    tornado: 'Tornado',
  },
};

const bytesMax = 1024 * 1024;

/** Names at the beginning of a requirement: as a line, as an entry of a list, or as a key. A hint, and no more: nothing is judged by it. */
function dependenciesOf(content: Uint8Array): string[] {
  const text = Buffer.from(content.subarray(0, bytesMax)).toString('utf8');
  const found = text.matchAll(
    /^[ \t]*["']?([A-Za-z0-9][A-Za-z0-9._-]{0,100})(?=["' \t]*(?:$|[=<>~!;[,@]))/gm,
  );
  const listed = text.matchAll(/[[,]\s*["']([A-Za-z0-9][A-Za-z0-9._-]{0,100})(?=[\s"'=<>~!;[@])/g);
  return [...found, ...listed].map(([, name]) => pypiNames.canonicalName(name!));
}
