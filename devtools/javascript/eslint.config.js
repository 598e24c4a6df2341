// The rules of JavaScript in the addons: those that Odoo checks its own code by, and one of ours.
import js from "@eslint/js";
import globals from "globals";

const OTHERS_PRIVATE =
    "A method or attribute that begins with _ belongs to its class: use its public methods, a hook or a subclass.";

export default [
    js.configs.recommended,
    {
        languageOptions: {
            ecmaVersion: 2022,
            sourceType: "module",
            // What Odoo's pages have without an import.
            globals: { ...globals.browser, odoo: "readonly", luxon: "readonly", Chart: "readonly" },
        },
        linterOptions: { reportUnusedDisableDirectives: "error" },
        rules: {
            "arrow-body-style": ["error", "as-needed"],
            curly: ["error", "all"],
            eqeqeq: "error",
            "no-duplicate-imports": "error",
            "no-restricted-globals": ["error", "event", "self"],
            "no-restricted-syntax": [
                "error",
                {
                    selector: "PrivateIdentifier",
                    message: "Owl cannot observe a #private attribute.",
                },
                {
                    selector:
                        "AssignmentExpression > MemberExpression.left[property.name=/^_/][object.type!='ThisExpression']",
                    message: OTHERS_PRIVATE,
                },
                {
                    selector:
                        "CallExpression[callee.name='patch'] > ObjectExpression > Property[key.name=/^_/]",
                    message: OTHERS_PRIVATE,
                },
            ],
            "no-unused-vars": ["error", { args: "none", caughtErrors: "all" }],
            "no-var": "error",
            "prefer-const": ["error", { destructuring: "all", ignoreReadBeforeAssign: true }],
        },
    },
];
