/* Fills the page at this address from the API. Texts are set as text, never as HTML. */
const main = document.getElementById('main');

function add(tag, text, to = main) {
  const element = document.createElement(tag);
  element.textContent = text;
  to.append(element);
  return element;
}

function button(text, work) {
  const element = add('button', text);
  element.addEventListener('click', async () => {
    element.disabled = true;
    try {
      await work();
    } catch (error) {
      add('p', error.message);
      element.disabled = false;
    }
  });
}

async function ask(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: { accept: 'application/json', ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const answer = await response.json();
  if (response.ok) return answer;
  throw new Error(`${answer.detail} ${answer.remedy}`);
}

const inWords = ({ roles, scopes }) => `${roles.join(', ')} in ${scopes ? scopes.join(', ') : 'all scopes'}`;

async function signedIn() {
  const { name, grants } = await ask('GET', '/v1/me');
  add('p', `You are signed in as ${name}.`);
  const list = add('ul', '');
  for (const grant of grants) add('li', inWords(grant), list);
  button('Sign out', async () => {
    await ask('POST', '/v1/auth/sign-out', {});
    main.replaceChildren();
    add('p', 'You have signed out.');
  });
}

/** The token is in the fragment, so that no log has it; it is taken out of the address at once. */
async function setup() {
  const invitation = location.hash.slice(1);
  history.replaceState(null, '', location.pathname);
  if (!invitation) return add('p', 'Open the whole address that `sluice admin invite` printed.');
  add('p', 'Whoever signs in with this address becomes an admin of Sluice. It counts once.');
  button('Sign in', async () => {
    const { url } = await ask('POST', '/v1/auth/invitation', { invitation });
    location.assign(url);
  });
}

async function device() {
  const { name, grants } = await ask('GET', '/v1/me');
  const label = add('label', 'Code of the command line: ');
  const input = add('input', '', label);
  input.value = location.hash.slice(1);
  input.autocomplete = 'off';
  history.replaceState(null, '', location.pathname);
  button('Look it up', async () => {
    const { userCode, client, address, createdAt } = await ask('POST', '/v1/auth/device/find', {
      userCode: input.value,
    });
    main.replaceChildren();
    add('p', `“${client}” asked at ${createdAt} from ${address ?? 'an unknown address'}.`);
    add(
      'p',
      `Approve it only if you started it yourself a moment ago. It may then act as ${name} for 12 hours:`,
    );
    const list = add('ul', '');
    for (const grant of grants) add('li', inWords(grant), list);
    const decide = (decision, said) => async () => {
      await ask('POST', '/v1/auth/device/decide', { userCode, decision });
      main.replaceChildren();
      add('p', said);
    };
    button('Approve', decide('approve', 'It has signed in. You may close this page.'));
    button('Refuse', decide('deny', 'It was refused.'));
  });
}

const pages = { '/signed-in': signedIn, '/setup': setup, '/device': device };

pages[location.pathname]().catch((error) => {
  add('p', error.message);
  add('a', 'Sign in').href = `/sign-in?to=${encodeURIComponent(location.pathname)}`;
});
