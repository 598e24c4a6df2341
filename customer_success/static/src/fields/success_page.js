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
    static props = {
        ...standardWidgetProps,
        view: Number,
        quiet: { type: Boolean, optional: true },
    };

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
        return (
            Boolean(page) &&
            page.names.every((name) => name in record.activeFields && name in record.data)
        );
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

// Stands as the name of the load of a record whose fields were last read for one of its pages.
const JOINED = "success_page";

/**
 * Let a record have more fields, with their values from the server, as StaticList.extendRecord does for a line.
 *
 * A form may open with what the browser kept of its record, while the server's answer is on its way. That answer was
 * asked without our fields and would take them away. So the first page reads what the answer brings as well, and names
 * the load anew, by which Odoo's model knows the answer as outdated.
 */
async function join(record, { names, activeFields, fields }) {
    const { model } = record;
    const edited = record.isNew ? {} : await record.getChanges();
    return model.mutex.exec(async () => {
        const missing = names.filter(
            (name) => !(name in record.activeFields && name in record.data)
        );
        if (!missing.length) {
            return;
        }
        const config = {
            activeFields: { ...record.activeFields, ...pick(activeFields, ...missing) },
            fields: { ...fields, ...record.fields },
        };
        if (record.isNew) {
            model._updateConfig(record.config, config, { reload: false });
            record._applyDefaultValues();
            return;
        }
        const isAnswerExpected = model.withCache && record.config.loadId !== JOINED;
        const wanted = isAnswerExpected
            ? Object.keys(config.activeFields).filter((name) => !(name in edited))
            : missing;
        const [values] = await model._loadRecords(
            { ...record.config, ...config, activeFields: pick(config.activeFields, ...wanted) },
            record.evalContext
        );
        // All at once from here: a record must never be seen with a field and without its value.
        model._updateConfig(record.config, { ...config, loadId: JOINED }, { reload: false });
        record._applyValues(values);
    });
}

registry.category("view_widgets").add("success_page", {
    component: SuccessPage,
    extractProps: ({ attrs }) => ({ view: Number(attrs.view), quiet: Boolean(attrs.quiet) }),
});
