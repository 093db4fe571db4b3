// responses.mjs OPENAI_URL KEY MODEL: the official client's responses, whole and streamed.
import OpenAI from 'openai';

const [baseURL, apiKey, model] = process.argv.slice(2);
const openai = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const say = (...words) => console.log(words.join(' '));
const tools = [{ type: 'function', name: 'look', parameters: { type: 'object' }, strict: false }];
const ask = 'call look {"at":[1,2]}';

const whole = await openai.responses.create({ model, instructions: 'Be kind.', input: 'good day' });
say('whole', whole.output_text, whole.status, whole.usage.total_tokens > 0);
const types = [];
const stream = openai.responses.stream({ model, input: 'good day' });
for await (const event of stream) types.push(event.type.replace('response.', ''));
const last = await stream.finalResponse();
say('stream', last.output_text, last.status, [...new Set(types)].join(','));
const called = await openai.responses.create({ model, input: ask, tools });
const call = called.output.find((item) => item.type === 'function_call');
say('tool', call.name, call.arguments);
const live = await openai.responses.stream({ model, input: ask, tools }).finalResponse();
say('tool stream', live.output.find((item) => item.type === 'function_call').arguments);
const told = await openai.responses.create({ model, tools, input: [{ role: 'user', content: ask }, call,
  { type: 'function_call_output', call_id: call.call_id, output: 'a cat' }] });
say('told', told.output_text);
