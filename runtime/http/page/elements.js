'use strict';
// All text of the data goes in by textContent or title: nothing of it is ever parsed as HTML.
const $ = id => document.getElementById(id);

function element(tag, cls, ...content) {
  const made = document.createElement(tag);
  if (cls) made.className = cls;
  for (const part of content)
    made.append(part instanceof Node ? part : document.createTextNode(String(part)));
  return made;
}
function setText(node, text) {
  text = String(text);
  if (node.textContent !== text) node.textContent = text;
}
