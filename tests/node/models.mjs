// models.mjs OPENAI_URL ANTHROPIC_ROOT KEY: the official clients against a provider, one line for each thing that
// they saw. Lines are the same for whichever provider stands behind the addresses.
import OpenAI from 'openai';
import Anthropic from '@anthropic-ai/sdk';

// Faults of the provider are asked for by a header, or with `by-model` by the model's name.
const [openaiUrl, anthropicUrl, apiKey, model, faults] = process.argv.slice(2);
const say = (...words) => console.log(words.join(' '));
const openai = new OpenAI({ baseURL: openaiUrl, apiKey, maxRetries: 0 });
const anthropic = new Anthropic({ baseURL: anthropicUrl, apiKey, maxRetries: 0 });
const user = (content) => [{ role: 'user', content }];
const tools = [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }];
const ownTools = [{ name: 'look', input_schema: { type: 'object' } }];
const ask = 'call look {"at":[1,2],"why":"é \\" x"}';

// OpenAI: whole, streamed, tools, schema, image
const whole = await openai.chat.completions.create({ model, messages: user('good day') });
say('openai whole', whole.choices[0].message.content, whole.choices[0].finish_reason,
  whole.usage.prompt_tokens > 0 && whole.usage.completion_tokens > 0);
const runner = openai.chat.completions.stream({ model, messages: user('good day'),
  stream_options: { include_usage: true } });
let deltas = 0;
for await (const chunk of runner) if (chunk.choices[0]?.delta?.content) deltas += 1;
const streamed = await runner.finalChatCompletion();
say('openai stream', streamed.choices[0].message.content, streamed.choices[0].finish_reason, deltas > 1,
  streamed.usage?.completion_tokens > 0);
const called = await openai.chat.completions.create({ model, messages: user(ask), tools });
const call = called.choices[0].message.tool_calls[0];
say('openai tool', call.function.name, JSON.stringify(JSON.parse(call.function.arguments)),
  called.choices[0].finish_reason);
const toolStream = await openai.chat.completions.stream({ model, messages: user(ask), tools })
  .finalChatCompletion();
say('openai tool stream', toolStream.choices[0].message.tool_calls[0].function.name,
  JSON.stringify(JSON.parse(toolStream.choices[0].message.tool_calls[0].function.arguments)));
const told = await openai.chat.completions.create({ model, tools, messages: [...user(ask),
  called.choices[0].message, { role: 'tool', tool_call_id: call.id, content: 'a cat' }] });
say('openai told', told.choices[0].message.content);
const formed = await openai.chat.completions.create({ model, messages: user('good day'), response_format: {
  type: 'json_schema', json_schema: { name: 'echo', schema: { type: 'object' } } } });
say('openai schema', JSON.parse(formed.choices[0].message.content).echo);
const seen = await openai.chat.completions.create({ model, messages: user([{ type: 'text', text: 'and?' },
  { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } }]) });
say('openai image', seen.choices[0].message.content);

// Anthropic: the same
const message = await anthropic.messages.create({ model, max_tokens: 100, messages: user('good day') });
say('anthropic whole', message.content[0].text, message.stop_reason,
  message.usage.input_tokens > 0 && message.usage.output_tokens > 0);
const events = [];
const live = anthropic.messages.stream({ model, max_tokens: 100, messages: user('good day') });
live.on('streamEvent', (event) => events.push(event.type));
const last = await live.finalMessage();
say('anthropic stream', last.content[0].text, last.stop_reason, last.usage.output_tokens > 0,
  [...new Set(events)].filter((type) => type !== 'ping').join(','));
const used = await anthropic.messages.create({ model, max_tokens: 100, messages: user(ask), tools: ownTools });
const use = used.content.find((block) => block.type === 'tool_use');
say('anthropic tool', use.name, JSON.stringify(use.input), used.stop_reason);
const usedLive = await anthropic.messages.stream({ model, max_tokens: 100, messages: user(ask),
  tools: ownTools }).finalMessage();
say('anthropic tool stream', JSON.stringify(usedLive.content.find((b) => b.type === 'tool_use').input),
  usedLive.stop_reason);
const reply = await anthropic.messages.create({ model, max_tokens: 100, tools: ownTools, messages: [...user(ask),
  { role: 'assistant', content: used.content },
  { role: 'user', content: [{ type: 'tool_result', tool_use_id: use.id, content: 'a cat' }] }] });
say('anthropic told', reply.content[0].text);
const cut = await anthropic.messages.create({ model, max_tokens: 2, messages: user('good day to all') });
say('anthropic cut', cut.stop_reason);

// errors, as each client's own classes
const caught = async (what, act) => {
  try {
    await act();
    say(what, 'no error');
  } catch (e) {
    say(what, e.constructor.name, e.status, typeof e.message === 'string' && !e.message.includes(apiKey));
  }
};
const fault = (header) => ({ headers: { 'x-fake': header } });
const faulty = (header) => (faults === 'by-model' ? `fault ${header}` : model);
await caught('openai unknown model', () => openai.chat.completions.create(
  { model: 'no-such', messages: user('x') }));
await caught('openai wrong key', () => new OpenAI({ baseURL: openaiUrl, apiKey: 'sk-wrong', maxRetries: 0 })
  .chat.completions.create({ model, messages: user('x') }));
await caught('openai 429', () => openai.chat.completions.create(
  { model: faulty('429 retry-after=1'), messages: user('x') }, fault('429 retry-after=1')));
await caught('openai 500', () => openai.chat.completions.create(
  { model: faulty('500'), messages: user('x') }, fault('500')));
await caught('anthropic unknown model', () => anthropic.messages.create(
  { model: 'no-such', max_tokens: 9, messages: user('x') }));
await caught('anthropic wrong key', () => new Anthropic({ baseURL: anthropicUrl, apiKey: 'sk-wrong', maxRetries: 0 })
  .messages.create({ model, max_tokens: 9, messages: user('x') }));
await caught('anthropic 429', () => anthropic.messages.create(
  { model: faulty('429 retry-after=1'), max_tokens: 9, messages: user('x') }, fault('429 retry-after=1')));
await caught('anthropic 529', () => anthropic.messages.create(
  { model: faulty('529'), max_tokens: 9, messages: user('x') }, fault('529')));

// a client that goes away
const abort = new AbortController();
const slow = await openai.chat.completions.create(
  { model: faulty('slow=1000'), messages: user('a b c d e f g h'), stream: true },
  { signal: abort.signal, ...fault('slow=1000') });
let before = 0;
try {
  for await (const chunk of slow) {
    before += chunk.choices[0]?.delta?.content ? 1 : 0;
    if (before === 1) abort.abort();
  }
} catch (e) {
  if (e.constructor.name !== 'APIUserAbortError') throw e;
}
say('openai abort', before < 8);
