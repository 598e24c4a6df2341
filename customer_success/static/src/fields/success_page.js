import { Component, status, useEffect, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { pick } from "@web/core/utils/objects";
import { useService } from "@web/core/utils/hooks";
import { parseXML } from "@web/core/utils/xml";
import { extractFieldsFromArchInfo } from "@web/model/relational_model/utils";
import { loadSubViews } from "@web/views/form/form_controller";
import { FormRenderer } from "@web/views/form/form_renderer";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * A part of a form that is read when it is shown: a form view of its own, on the record of the form around it.
 *
 * Its fields join the record, as those of a line do that is opened in a dialog. From then on they are like any
 * other of its fields: edited, saved and discarded with it, and read with it when it is loaded anew.
 */
export class SuccessPage extends Component {
    static template = "customer_success.SuccessPage";
    static components = { FormRenderer };
    static props = { ...standardWidgetProps, view: Number, quiet: { type: Boolean, optional: true } };

    setup() {
        this.views = useService("view");
        this.state = useState({ page: null });
        useEffect(
            (isReady) => {
                if (!isReady) {
                    this.load();
                }
            },
            () => [this.isReady, this.props.record]
        );
    }

    get isReady() {
        const { page } = this.state;
        const { record } = this.props;
        return Boolean(page) && page.names.every((name) => name in record.activeFields && name in record.data);
    }

    async load() {
        const { record } = this.props;
        const page = this.state.page || (await this.read(record.resModel));
        if (status(this) === "destroyed") {
            return;
        }
        await join(record, page);
        if (status(this) !== "destroyed") {
            this.state.page = page;
            this.render();
        }
    }

    async read(resModel) {
        const { fields, relatedModels, views } = await this.views.loadViews({
            resModel,
            views: [[this.props.view, "form"]],
            context: {},
        });
        const { ArchParser } = registry.category("views").get("form");
        const archInfo = new ArchParser().parse(parseXML(views.form.arch), relatedModels, resModel);
        const { fieldNodes } = archInfo;
        await loadSubViews(fieldNodes, fields, {}, resModel, this.views, this.env.isSmall);
        const found = extractFieldsFromArchInfo(archInfo, fields);
        return { archInfo, ...found, names: Object.keys(found.activeFields) };
    }
}

/** Let a record have more fields, with their values from the server. */
function join(record, { names, activeFields, fields }) {
    const { model } = record;
    return model.mutex.exec(async () => {
        const missing = names.filter((name) => !(name in record.activeFields && name in record.data));
        if (!missing.length) {
            return;
        }
        const more = { activeFields: pick(activeFields, ...missing), fields };
        const [values] = record.isNew
            ? [{}]
            : await model._loadRecords({ ...record.config, ...more }, record.evalContext);
        // All at once from here: a record must never be seen with a field and without its value.
        model._updateConfig(
            record.config,
            {
                activeFields: { ...record.activeFields, ...more.activeFields },
                fields: { ...fields, ...record.fields },
            },
            { reload: false }
        );
        if (record.isNew) {
            record._applyDefaultValues();
        } else {
            keep(record, pick(values, ...missing));
            record._applyValues(pick(values, ...missing));
        }
    });
}

/**
 * A form may open with what the browser knew of its record, and be set anew by the server's answer. Where that
 * was asked without our fields, it does not take them away.
 */
function keep(record, values) {
    const setData = record._setData;
    record._setData = function (data, options) {
        return setData.call(this, { ...values, ...data }, options);
    };
}

registry.category("view_widgets").add("success_page", {
    component: SuccessPage,
    extractProps: ({ attrs }) => ({ view: Number(attrs.view), quiet: Boolean(attrs.quiet) }),
});
