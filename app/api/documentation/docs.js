// Renders /v1/openapi.json. Every text goes in by textContent; nothing is fetched from elsewhere.

const LANGUAGES = { en: 'English', zh: '中文' };
const DEPTH = 3;
const chosen = new URLSearchParams(location.search).get('lang');
const language = chosen in LANGUAGES ? chosen : (navigator.language || '').startsWith('zh') ? 'zh' : 'en';

const fetched = url => fetch(url).then(answer => answer.json());
const [api, words] = await Promise.all([fetched('/v1/openapi.json'), fetched(`/v1/docs/${language}.json`)]);
const t = key => words.page[key];
const told = text => words.texts[text] ?? text;

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter(child => child !== null && child !== undefined));
  return element;
}

const resolved = schema => schema?.$ref ? api.components.schemas[schema.$ref.split('/').pop()] : schema ?? {};
const pretty = value => typeof value === 'string' ? value : JSON.stringify(value, null, 2);

// Paths that say the same are one operation with other names.
function operations() {
  const found = new Map();
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const key = `${method} ${operation.summary}`;
      if (found.has(key)) found.get(key).paths.push(path);
      else found.set(key, { method, paths: [path], ...operation });
    }
  }
  return [...found.values()];
}

function block(text) {
  const copy = make('button', { type: 'button' }, t('copy'));
  copy.addEventListener('click', async () => {
    await navigator.clipboard.writeText(text);
    copy.textContent = t('copied');
    setTimeout(() => { copy.textContent = t('copy'); }, 1500);
  });
  return make('div', { class: 'block' }, make('pre', { tabindex: '0' }, text), copy);
}

function curl(operation) {
  let url = operation.paths[0];
  const query = [];
  for (const parameter of operation.parameters ?? []) {
    const value = [parameter.example ?? ''].flat();
    if (parameter.in === 'path') url = url.replace(`{${parameter.name}}`, encodeURIComponent(value[0]));
    if (parameter.in === 'query' && (parameter.required || parameter.example !== undefined)) {
      for (const one of value) query.push(`${parameter.name}=${encodeURIComponent(one)}`);
    }
  }
  const address = location.origin + url + (query.length ? `?${query.join('&')}` : '');
  const lines = [`curl '${address}'`];
  if (operation.method !== 'get') lines[0] = `curl -X ${operation.method.toUpperCase()} '${address}'`;
  if (operation.paths[0] === '/v1/stream') lines[0] = lines[0].replace('curl', 'curl -N');
  if (operation.security?.length) lines.push(`  -H 'X-API-Key: ${t('key')}'`);
  const example = Object.values(operation.requestBody?.content['application/json'].examples ?? {})[0];
  if (example) {
    lines.push("  -H 'Content-Type: application/json'");
    lines.push(`  -d '${JSON.stringify(example.value).replaceAll("'", "'\\''")}'`);
  }
  return lines.join(' \\\n');
}

function typeOf(given) {
  const schema = resolved(given);
  const options = schema.anyOf ?? schema.oneOf;
  if (options && !schema.properties) return [...new Set(options.map(typeOf))].join(' | ');
  if (schema.enum) return schema.enum.map(value => JSON.stringify(value)).join(' | ');
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.type === 'array') return `${typeOf(schema.items ?? {})}[]`;
  return schema.type ?? t('any');
}

function limits(given) {
  const schema = resolved(given);
  const bounds = [];
  const [low, high] = [schema.minimum ?? schema.minItems ?? schema.minLength, schema.maximum ?? schema.maxItems ?? schema.maxLength];
  if (low !== undefined || high !== undefined) bounds.push(`${low ?? ''}…${high ?? ''}`);
  if (schema.default !== undefined && schema.default !== null && schema.default !== '') bounds.push(`= ${JSON.stringify(schema.default)}`);
  return bounds.join(' ');
}

function* fieldsOf(given, prefix = '', depth = 0) {
  const schema = resolved(given);
  if (depth > DEPTH) return;
  for (const option of schema.properties ? [] : schema.anyOf ?? schema.oneOf ?? []) yield* fieldsOf(option, prefix, depth);
  if (schema.type === 'array' && schema.items) yield* fieldsOf(schema.items, `${prefix}[].`.replace('.[]', '[]'), depth + 1);
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    yield { name: prefix + name, field, needed: (schema.required ?? []).includes(name) };
    const inner = resolved(field);
    if (inner.type !== 'string') yield* fieldsOf(field, `${prefix}${name}.`.replace(/\.$/, inner.type === 'array' ? '' : '.'), depth + 1);
  }
}

// A long name breaks after its dots and underscores, not within a word.
function breakable(name) {
  return name.split(/(?<=[._])/).flatMap((part, place) => place ? [make('wbr'), part] : [part]);
}

function table(rows) {
  const head = make('tr', {}, ...['name', 'type', 'meaning'].map(key => make('th', {}, t(key))));
  const seen = new Set();
  const body = rows.filter(row => !seen.has(row.name) && seen.add(row.name)).map(({ name, field, needed, description }) => make('tr', {},
    make('td', {}, make('code', needed ? { class: 'needed', title: t('required') } : {}, ...breakable(name))),
    make('td', {}, make('code', {}, [typeOf(field), limits(field)].filter(Boolean).join(' '))),
    make('td', {}, told(description ?? field.description ?? ''))));
  return make('div', { class: 'wide' }, make('table', {}, make('thead', {}, head), make('tbody', {}, ...body)));
}

function answer(status, response) {
  const [type, content] = Object.entries(response.content ?? {})[0] ?? [];
  const summary = make('summary', {}, make('code', {}, status), ' ', told(response.description), type && type !== 'application/json' ? ` (${type})` : null);
  const parts = [];
  if (content?.example !== undefined) parts.push(block(pretty(content.example)));
  const rows = status < '400' && content?.schema ? [...fieldsOf(content.schema)] : [];
  if (rows.length) parts.push(table(rows));
  for (const [name, header] of Object.entries(response.headers ?? {})) parts.push(make('p', {}, make('code', {}, name), ' ', told(header.description)));
  return make('details', { class: 'status', ...(status < '400' ? { open: '' } : {}) }, summary, ...parts);
}

function details(operation) {
  const parts = [];
  if (operation.description) parts.push(make('p', {}, told(operation.description)));
  const others = operation.paths.slice(1);
  if (others.length) parts.push(make('p', {}, t('also'), ' ', ...others.flatMap(path => [make('code', { class: 'path' }, path), ' '])));
  parts.push(make('h3', {}, t('try')), block(curl(operation)));
  const parameters = (operation.parameters ?? []).map(one => ({
    name: one.name, field: one.schema, needed: one.required, description: `${told(one.description)} (${t(one.in)})`,
  }));
  if (parameters.length) parts.push(make('h3', {}, t('parameters')), table(parameters));
  const body = operation.requestBody?.content['application/json'];
  if (body) {
    parts.push(make('h3', {}, t('body')));
    for (const example of Object.values(body.examples)) parts.push(block(pretty(example.value)));
    const rows = [...fieldsOf(body.schema)];
    if (rows.length) parts.push(table(rows));
  }
  parts.push(make('h3', {}, t('answers')));
  for (const [status, response] of Object.entries(operation.responses)) parts.push(answer(status, response));
  return make('div', { class: 'body' }, ...parts);
}

function card(operation) {
  const summary = make('summary', {},
    make('span', { class: `method ${operation.method}` }, operation.method.toUpperCase()),
    make('code', { class: 'path' }, operation.paths[0]),
    make('span', { class: 'words' }, told(operation.summary)));
  const element = make('details', { class: 'operation', id: operation.operationId }, summary);
  element.addEventListener('toggle', () => {
    if (element.open && element.children.length === 1) element.append(details(operation));
    if (element.open) history.replaceState(null, '', `#${operation.operationId}`);
  });
  element.dataset.text = [operation.method, ...operation.paths, operation.summary, told(operation.summary), operation.description].join(' ').toLowerCase();
  return element;
}

function open(id) {
  const element = id && document.getElementById(id);
  if (!(element instanceof HTMLDetailsElement)) return;
  element.open = true;
  element.scrollIntoView();
}

function filter(text) {
  const sought = text.trim().toLowerCase();
  for (const element of document.querySelectorAll('details.operation')) {
    const hidden = !element.dataset.text.includes(sought);
    element.hidden = hidden;
    document.querySelector(`#contents a[href="#${element.id}"]`).hidden = hidden;
  }
  for (const section of document.querySelectorAll('section')) section.hidden = !section.querySelector('details.operation:not([hidden])');
  document.getElementById('nothing').hidden = Boolean(document.querySelector('section:not([hidden])'));
}

document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
document.title = t('title');
document.getElementById('version').textContent = api.info.version;
const field = document.getElementById('filter');
field.placeholder = t('filter');
field.setAttribute('aria-label', t('filter'));
field.addEventListener('input', () => filter(field.value));
for (const [code, name] of Object.entries(LANGUAGES)) {
  const button = make('button', { type: 'button', 'aria-pressed': String(code === language) }, name);
  button.addEventListener('click', () => { location.search = `?lang=${code}`; });
  document.getElementById('languages').append(button);
}
const main = document.getElementById('operations');
const contents = document.getElementById('contents');
const intro = make('p', {}, t('intro'), ' ', make('a', { href: '/v1/openapi.json' }, 'openapi.json'));
main.replaceChildren(intro, make('p', {}, t('access')), make('p', { id: 'nothing', class: 'empty', hidden: '' }, t('nothing')));
const all = operations();
for (const tag of api.tags) {
  const own = all.filter(operation => operation.tags[0] === tag.name);
  main.append(make('section', {}, make('h2', {}, t(tag.name)), make('p', {}, told(tag.description)), ...own.map(card)));
  contents.append(make('h2', {}, t(tag.name)), ...own.map(operation => make('a', { href: `#${operation.operationId}` }, told(operation.summary))));
}
addEventListener('hashchange', () => open(location.hash.slice(1)));
open(location.hash.slice(1));
