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
 * A part of a form that is read when it is shown: a form view of its own for the record of the surrounding form.
 *
 * Its fields are added to the record, like the fields of a line that is opened in a dialog. From then on they are
 * edited, saved, discarded and reloaded together with the other fields of the record.
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

// The name of the load of a record whose fields were last read for one of its pages.
const JOINED = "success_page";

/**
 * Add fields to a record with their values from the server, as StaticList.extendRecord does for a line.
 *
 * A form may open with cached values while it waits for the server's answer. That answer does not contain our fields
 * and would remove them. So the first page reads the fields of the answer as well, and renames the load, so that
 * Odoo's model treats the answer as outdated.
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
        // The following lines must run together: a record must never be rendered with a field but without its value.
        model._updateConfig(record.config, { ...config, loadId: JOINED }, { reload: false });
        record._applyValues(values);
    });
}

registry.category("view_widgets").add("success_page", {
    component: SuccessPage,
    extractProps: ({ attrs }) => ({ view: Number(attrs.view), quiet: Boolean(attrs.quiet) }),
});
