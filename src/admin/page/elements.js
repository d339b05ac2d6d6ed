
'use strict';

// Elements of the page and their text. Text of the server becomes textContent or a property, never markup.

const by_id = id => document.getElementById(id);

function make(tag, parent, class_name) {
    const element = document.createElement(tag);
    if (class_name)
        element.className = class_name;
    parent.append(element);
    return element;
}

// Characters that are not seen, or that reorder or hide others, are shown by their number.
const unseen = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
const printable = text => String(text).replace(unseen, c => `\\u{${c.codePointAt(0).toString(16)}}`);

// An equal text is not written again: that would cost a layout and undo what the user has selected.
function write(element, text) {
    const shown = printable(text);
    if (element.textContent !== shown)
        element.textContent = shown;
}

// Gives `parent` exactly `count` children and returns them.
function resize(parent, count, make_child) {
    while (parent.children.length > count)
        parent.lastChild.remove();
    while (parent.children.length < count)
        make_child(parent);
    return parent.children;
}
