// Holds an OpenAPI document against the standard's own schema: "VERSION valid", or every error.
import { Validator } from "@seriousme/openapi-schema-validator";

const validator = new Validator();
const { valid, errors } = await validator.validate(process.argv[2]);
if (!valid) {
  console.error(JSON.stringify(errors, null, 1));
  process.exit(1);
}
console.log(`${validator.version} valid`);
