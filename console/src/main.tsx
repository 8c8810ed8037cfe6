import './styles/base.css';
import './styles/parts.css';
import './styles/shell.css';
import { render, type ComponentType } from 'preact';
import { LocationProvider, Route, Router } from 'preact-iso';
import { startLive } from './api/live.ts';
import { findPrincipal, principal } from './api/principal.ts';
import { findKey } from './api/session.ts';
import { pages } from './pages.ts';
import { Empty } from './parts/states.tsx';
import { Shell } from './shell/shell.tsx';
import { SignIn } from './shell/sign-in.tsx';

function Missing() {
  return (
    <Empty title="There is no such page.">
      <a href="/">Home</a>
    </Empty>
  );
}

function Console() {
  if (principal.value === null) return <SignIn />;
  return (
    <LocationProvider scope={/^\/(?!docs|openapi\.json|problems|v1|sign-in|signed-in|setup|device)/}>
      <Shell>
        <Router>
          {[
            ...Object.entries(pages).map(([path, component]) => (
              <Route key={path} path={path} component={component as ComponentType} />
            )),
            <Route key="missing" default component={Missing} />,
          ]}
        </Router>
      </Shell>
    </LocationProvider>
  );
}

await findKey(() => void findPrincipal());
await findPrincipal();
render(<Console />, document.querySelector('#console')!);
startLive();
