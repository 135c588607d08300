// SPDX-License-Identifier: LGPL-2.1-or-later
//
// authorize.js: a program in JavaScript that says who may listen
//
// Here: gjs authorize.js PIPELINE prints the port, and lets in who has the
// right token. Not here: who asks (authorize.py).
//
// JavaScript runs in the main thread only, so it is asked by messages.

imports.gi.versions.Gst = '1.0';
const {GLib, Gst} = imports.gi;

Gst.init(null);
const pipeline = Gst.parse_launch(`${ARGV[0]} authorize-messages=true`);
const sink = pipeline.get_by_name('sink');
const bus = pipeline.get_bus();

bus.add_signal_watch();
bus.connect('message::element', (_bus, message) => {
    const question = message.get_structure();

    if (!question.has_name('authorize-request'))
        return;
    const [, number] = question.get_uint('id');
    const token = question.get_value('headers').get_string('x-token');

    sink.emit('answer-request', number, token === 'right' ? 200 : 403);
});
pipeline.set_state(Gst.State.PLAYING);
pipeline.get_state(20 * Gst.SECOND);
print(sink.current_port);
new GLib.MainLoop(null, false).run();
