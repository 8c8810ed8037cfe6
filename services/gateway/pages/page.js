/* Fills the page at this address from the API, until the console does. Texts are set as text, never as HTML. */
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

const pages = { '/signed-in': signedIn };

pages[location.pathname]().catch((error) => {
  add('p', error.message);
  add('a', 'Sign in').href = `/sign-in?to=${encodeURIComponent(location.pathname + location.search)}`;
});
