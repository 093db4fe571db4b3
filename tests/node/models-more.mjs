// models-more.mjs OPENAI_URL KEY MODEL: what is beside chats, with the official client.
import OpenAI, { toFile } from 'openai';

const [baseURL, apiKey, model] = process.argv.slice(2);
const openai = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const say = (...words) => console.log(words.join(' '));

const embedded = await openai.embeddings.create({ model, input: ['one', 'two'] });
say('embeddings', embedded.data.length, embedded.data[0].embedding.length, embedded.usage.prompt_tokens);
const heard = await openai.audio.transcriptions.create({ model,
  file: await toFile(Buffer.from('RIFFsound'), 'a.wav', { type: 'audio/wav' }) });
say('transcription', heard.text.startsWith('I heard'));
const models = [];
for await (const one of await openai.models.list()) models.push(one.id);
say('models', models.includes(model));
