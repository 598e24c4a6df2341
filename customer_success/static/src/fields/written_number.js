import { localization } from "@web/core/l10n/localization";
import { InvalidNumberError, parseFloat, parseInteger } from "@web/views/fields/parsers";

// As scoring/numerals.py: a number without marks between thousands, and with them, by its decimal mark.
const PLAIN = { ".": /^(\d+(\.\d*)?|\.\d+)$/, ",": /^(\d+(,\d*)?|,\d+)$/ };
const GROUPED = {
    ".": /^[1-9]\d{0,2}([, '])\d{3}(\1\d{3})*(\.\d+)?$|^[1-9]\d?(,\d\d)+,\d{3}(\.\d+)?$/,
    ",": /^[1-9]\d{0,2}([. '])\d{3}(\1\d{3})*(,\d+)?$/,
};

/**
 * Read a number as all doors do. What may be read in two ways is read in the user's language; the field then shows it.
 * A whole number of people or seats has no decimals, so that 12.500 is 12,500 in each language.
 *
 * Odoo's own parser leaves out each mark of thousands, so that 12,5 is 125.
 *
 * @param {string} value
 * @param {{ whole?: boolean }} [options]
 * @returns {number | import("@web/model/relational_model/operation").Operation}
 */
export function parseWritten(value, { whole = false } = {}) {
    const text = value
        .trim()
        .replace(/\s/g, " ")
        .replace(/\u2019/g, "'")
        .replace(/\u2212/g, "-")
        .replace(/ ?[%\p{Sc}] ?/gu, "");
    if (/[=*/]/.test(text) || !/[., ']/.test(text)) {
        const parse = whole ? parseInteger : parseFloat;
        return parse(text, { allowOperation: true });
    }
    const [, sign, body] = text.match(/^([+-]?)(.*)$/);
    const own = localization.decimalPoint === "," ? "," : ".";
    for (const mark of [own, own === "," ? "." : ","]) {
        if (PLAIN[mark].test(body) || GROUPED[mark].test(body)) {
            const digits = body.replace(mark === "." ? /[, ']/g : /[. ']/g, "");
            const number = Number(`${sign}${digits.replace(",", ".")}`);
            if (!whole || Number.isInteger(number)) {
                return number;
            }
        }
    }
    throw new InvalidNumberError(`"${value}" is not a correct number`);
}
