// SPDX-License-Identifier: MIT
// node valid.js MODULES SCHEMA FILE...: each line of FILE, or all of it with --whole before
// SCHEMA, is JSON that SCHEMA describes. SCHEMA may be draft 4 or 2020-12.
"use strict";

const fs = require("fs");
const path = require("path");

const [modules, ...rest] = process.argv.slice(2);
const whole = rest[0] === "--whole";
const [schemaFile, ...files] = whole ? rest.slice(1) : rest;
const load = (name) => require(path.join(path.resolve(modules), "node_modules", name));
const schema = JSON.parse(fs.readFileSync(schemaFile, "utf8"));

// A validator of the draft that the schema is written in.
function validator() {
	if (schema.$schema.includes("draft-04")) {
		const Ajv = load("ajv-draft-04");
		return new Ajv({ strict: false, allErrors: true, validateFormats: false, unicodeRegExp: false });
	}
	const Ajv = load("ajv/dist/2020");
	return new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false, strictTypes: false, allErrors: true, validateFormats: false });
}

const check = validator().compile(schema);
let bad = 0;
for (const file of files) {
	const text = fs.readFileSync(file, "utf8");
	const parts = whole ? [text] : text.split("\n").filter((line) => line !== "");
	parts.forEach((part, i) => {
		if (check(JSON.parse(part))) return;
		bad++;
		for (const e of check.errors.slice(0, 5))
			console.error(`${file}:${whole ? 1 : i + 1}: ${e.instancePath}: ${e.message} ${JSON.stringify(e.params)}`);
	});
}
process.exit(bad ? 1 : 0);
