/* SPDX-License-Identifier: LGPL-2.1-or-later
 * pages.js: an application that decides what its HTTP server answers
 *
 * Here: who may watch, pages of its own, what is asked of it.
 * Not here: signals. GJS runs handlers in one thread only, so it is asked by
 * messages on the bus.
 *
 * Run it with the plugin on GST_PLUGIN_PATH; the port is its argument, 0 for
 * any free one.
 */
imports.gi.versions.Gst = '1.0';
const { GLib, Gst } = imports.gi;

const LAUNCH = 'videotestsrc is-live=true ! video/x-raw,width=160,height=120 ' +
    '! jpegenc ! httpserversink name=sink path=/camera ' +
    'authorize-messages=true port=';

function structure(name, fields) {
    const made = Gst.Structure.new_empty(name);
    for (const [field, value] of Object.entries(fields))
        made.set_value(field, value);
    return made;
}

class Pages {
    constructor(port) {
        this.pipeline = Gst.parse_launch(LAUNCH + port);
        this.sink = this.pipeline.get_by_name('sink');
        this.nRequests = 0;
        const bus = this.pipeline.get_bus();
        bus.add_signal_watch();
        bus.connect('message::element', (_bus, message) => {
            const told = message.get_structure();
            if (told.get_name() === 'authorize-request')
                this.onRequest(told);
        });
    }

    onRequest(told) {
        const [, number] = told.get_uint('id');
        const path = told.get_string('path');
        const query = told.get_string('query') || '';
        print(told.get_string('method'), path);
        this.nRequests++;
        if (path === '/hello') {
            // A page where there was none.
            const name = GLib.markup_escape_text(
                decodeURIComponent(query.replace(/^name=/, '')) || 'you', -1);
            this.sink.emit('answer-with', number, structure('answer', {
                'body': `<p>Hello, ${name}!</p>\n`,
                'content-type': 'text/html; charset=utf-8',
            }));
        } else if (path === '/') {
            // Another one in the place of the element's own.
            this.sink.emit('answer-with', number, structure('answer', {
                'status': 200,
                'body': '<img src="/camera?key=open">' +
                    `<p>${this.nRequests} requests</p>\n`,
                'content-type': 'text/html; charset=utf-8',
                'headers': structure('headers', { 'X-Made-By': 'pages.js' }),
            }));
        } else if (path === '/later') {
            GLib.timeout_add(GLib.PRIORITY_DEFAULT, 50, () => {
                this.sink.emit('answer-with', number, structure('answer', {
                    'status': 202, 'body': 'At last.\n',
                }));
                return GLib.SOURCE_REMOVE;
            });
        } else {
            const isOpen = !path.startsWith('/camera') || query === 'key=open';
            this.sink.emit('answer-request', number, isOpen ? 200 : 403);
        }
    }

    run() {
        this.pipeline.set_state(Gst.State.PLAYING);
        print(`http://127.0.0.1:${this.sink.current_port}/`);
        new GLib.MainLoop(null, false).run();
    }
}

Gst.init(null);
new Pages(ARGV.length > 0 ? ARGV[0] : '8080').run();
