// Foreign implementations of signatures, asked by JSON lines: {"id", "deed", ...} in, {"id", ...} out.
// Run in the folder where package-lock.json is installed.

import { createInterface } from "node:readline";
import { createPrivateKey, createPublicKey } from "node:crypto";
import {
	RFC9421SignatureBaseFactory,
	genRFC3230DigestHeader,
	parseRequestSignature,
	signAsDraftToRequest,
	verifyDigestHeader,
	verifyDraftSignature,
} from "@misskey-dev/node-http-message-signatures";
import { signObject, signRequest, verifyProof, verifyRequest } from "@fedify/fedify/sig";
import { Activity, DataIntegrityProof } from "@fedify/fedify/vocab";
import contexts from "./node_modules/@fedify/fedify/esm/runtime/contexts.js";

const subtle = globalThis.crypto.subtle;
const RSA = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
const PROOF_CONTEXT = "https://w3id.org/security/data-integrity/v1";
const ED25519 = { name: "Ed25519" };

const bytes = (text) => new Uint8Array(Buffer.from(text ?? "", "base64"));
const pathOf = (url) => url.slice(new URL(url).origin.length);
const lower = (headers) =>
	Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

const privateKey = (pem, algorithm) =>
	subtle.importKey("pkcs8", createPrivateKey(pem).export({ type: "pkcs8", format: "der" }), algorithm, true, ["sign"]);
const publicKey = (pem, algorithm) =>
	subtle.importKey("spki", createPublicKey(pem).export({ type: "spki", format: "der" }), algorithm, true, ["verify"]);

const ours = (asked) => ({ method: asked.method, url: pathOf(asked.url), headers: lower(asked.headers) });

// Nothing is fetched: documents are given, contexts are those that Fedify brings.
const loader = (documents) => async (url) => {
	const document = documents?.[url] ?? documents?.[url.split("#")[0]] ?? contexts[url];
	if (document === undefined) throw new Error(`no document at ${url}`);
	return { documentUrl: url, contextUrl: null, document };
};

// A request as undici makes it has no Host of its own choosing: Fedify reads what is in the object.
const request = (asked) =>
	new Request(asked.url, {
		method: asked.method,
		headers: asked.headers,
		body: asked.method === "POST" ? bytes(asked.body) : undefined,
	});

const deeds = {
	async "misskey verify"(asked) {
		const source = ours(asked);
		const errors = [];
		if (asked.method === "POST" && !(await verifyDigestHeader(source, bytes(asked.body), true, (m) => errors.push(String(m)))))
			return { ok: false, why: `digest: ${errors}` };
		const parsed = parseRequestSignature(source, { clockSkew: { now: new Date(asked.now * 1000) } });
		const ok = await verifyDraftSignature(parsed.value, asked.pem, (m) => errors.push(String(m)));
		return { ok, keyId: parsed.value.keyId, why: String(errors) };
	},

	// 0.0.10 does not read RFC 9421 as a whole: its are the digest and the base that is signed.
	async "misskey verify 9421"(asked) {
		const source = { ...ours(asked), url: asked.url };
		const errors = [];
		if (asked.method === "POST" && !(await verifyDigestHeader(source, bytes(asked.body), true, (m) => errors.push(String(m)))))
			return { ok: false, why: `digest: ${errors}` };
		const factory = new RFC9421SignatureBaseFactory(source, "https");
		const [label, [, parameters]] = [...factory.requestSignatureInput][0];
		const base = factory.generate(label);
		const text = new RegExp(`^${label}=:(.*):$`).exec(source.headers.signature)[1];
		const ok = await subtle.verify(RSA, await publicKey(asked.pem, RSA), bytes(text), Buffer.from(base));
		return { ok, keyId: parameters.get("keyid"), why: base };
	},

	async "misskey sign"(asked) {
		const source = { ...ours(asked), url: asked.url };
		if (asked.method === "POST") source.headers.digest = await genRFC3230DigestHeader(bytes(asked.body), "SHA-256");
		await signAsDraftToRequest(source, { keyId: asked.keyId, privateKeyPem: asked.pem }, asked.include);
		return { headers: lower(source.headers) };
	},

	async "misskey sign 9421"(asked) {
		const source = { ...ours(asked), url: asked.url };
		source.headers["signature-input"] = `sig1=${asked.input}`;
		const base = new RFC9421SignatureBaseFactory(source, "https").generate("sig1");
		const signature = await subtle.sign(RSA, await privateKey(asked.pem, RSA), Buffer.from(base));
		source.headers.signature = `sig1=:${Buffer.from(signature).toString("base64")}:`;
		return { headers: source.headers, base };
	},

	async "fedify verify"(asked) {
		const key = await verifyRequest(request(asked), {
			documentLoader: loader(asked.documents),
			contextLoader: loader(),
			currentTime: globalThis.Temporal?.Instant.fromEpochMilliseconds(asked.now * 1000),
		});
		return { ok: key !== null, keyId: key?.id?.href };
	},

	async "fedify sign"(asked) {
		const signed = await signRequest(request(asked), await privateKey(asked.pem, RSA), new URL(asked.keyId));
		return { headers: Object.fromEntries(signed.headers) };
	},

	async "fedify verify proof"(asked) {
		const { proof, ...rest } = asked.document;
		const options = { documentLoader: loader(asked.documents), contextLoader: loader() };
		const read = await DataIntegrityProof.fromJsonLd({ ...proof, "@context": PROOF_CONTEXT }, options);
		const key = await verifyProof(rest, read, options);
		return { ok: key !== null, keyId: key?.id?.href };
	},

	async "fedify sign proof"(asked) {
		const options = { documentLoader: loader(), contextLoader: loader() };
		const object = await Activity.fromJsonLd(asked.document, options);
		const key = await privateKey(asked.pem, ED25519);
		const signed = await signObject(object, key, new URL(asked.keyId), options);
		return { document: await signed.toJsonLd({ ...options, format: "compact" }) };
	},
};

for await (const line of createInterface({ input: process.stdin })) {
	const asked = JSON.parse(line);
	let answer;
	try {
		answer = await deeds[asked.deed](asked);
	} catch (error) {
		answer = { ok: false, why: `${error?.name}: ${error?.message}` };
	}
	process.stdout.write(`${JSON.stringify({ id: asked.id, ...answer })}\n`);
}
