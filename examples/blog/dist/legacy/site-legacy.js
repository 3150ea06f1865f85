/*! Field Notes legacy helpers 1.4.0 | @license MIT | written by hand, before there were modules */

/*
 * This file is older than the rest of the site, and is kept as it was. It is loaded by
 * a plain script element, so every `var` and every `function` at its top level becomes
 * a property of the window. Buttons call them from onclick, and an inline script at the
 * end of the lab page calls fnInit. None of these names may be changed by a tool:
 *
 *   fnSiteVersion, fnUnits, fnState, fnInit, fnShowSize, fnNextSize, fnToggleRuler,
 *   fnFormatBytes, fnParseBytes, fnEach, fnPad, fnText, fnLog
 */

// The version that the lab page shows.
var fnSiteVersion = '1.4.0';

// Units, smallest first. Each is 1024 of the one before it.
var fnUnits = ['B', 'KiB', 'MiB', 'GiB'];

// Everything that changes while the page is open.
var fnState = {
  output: null, // the element that shows the results
  index: -1, // position in fnSizes
  ruler: null, // the ruler at the bottom of the window, if it is shown
  log: [] // the last few messages, newest last
};

// Sizes that the "Next size" button walks through.
var fnSizes = [
  51, // the WebAssembly module
  1460, // what fits into a packet
  14600, // what fits into ten of them
  65370, // the tune
  256044, // the tune, not compressed
  3221225472 // three of the largest unit
];

/* ------------------------------------------------------------------ *
 * Small tools
 * ------------------------------------------------------------------ */

/**
 * Calls a function for each member of an array-like list.
 *
 * @param {{length: number}} list  what to walk through
 * @param {function(*, number): (boolean|void)} visit  return false to stop
 * @return {number} how many members were visited
 */
function fnEach(list, visit) {
  var count = 0;
  for (var i = 0; i < list.length; i++) {
    count++;
    if (visit(list[i], i) === false) {
      break;
    }
  }
  return count;
}

/**
 * Pads a value with zeros on the left.
 *
 * @param {*} value
 * @param {number} width
 * @return {string}
 */
function fnPad(value, width) {
  var text = String(value);
  while (text.length < width) {
    text = '0' + text;
  }
  return text;
}

/**
 * Puts text into an element without interpreting it as markup.
 *
 * @param {Element} element
 * @param {string} text
 */
function fnText(element, text) {
  // Very old browsers have innerText only.
  if ('textContent' in element) {
    element.textContent = text;
  } else {
    element.innerText = text;
  }
}

/**
 * Remembers a message. Only the last five are kept.
 *
 * @param {string} message
 * @return {number} how many are kept now
 */
function fnLog(message) {
  fnState.log.push(message);
  if (fnState.log.length > 5) {
    fnState.log.shift();
  }
  return fnState.log.length;
}

/* ------------------------------------------------------------------ *
 * Sizes
 * ------------------------------------------------------------------ */

/**
 * Writes a number of bytes with a fitting unit: 1536 becomes "1.5 KiB".
 *
 * @param {number} bytes
 * @return {string}
 */
function fnFormatBytes(bytes) {
  var value = bytes;
  var unit = 0;
  while (value >= 1024 && unit < fnUnits.length - 1) {
    value = value / 1024;
    unit++;
  }
  // One digit after the point, and none if it would be a zero.
  var text = value.toFixed(1).replace(/\.0$/, '');
  return text + ' ' + fnUnits[unit];
}

/**
 * Reads what fnFormatBytes wrote, and a few things more: "1.5 KiB", "2mib", "300".
 *
 * @param {string} text
 * @return {number} NaN if it cannot be read
 */
function fnParseBytes(text) {
  // The slash in this class is not a comment: [/*] and the quote are harmless, too.
  var cleaned = String(text).replace(/[/*'"\s]+/g, '');
  var match = /^([0-9]+(?:\.[0-9]+)?)([a-z]*)$/i.exec(cleaned);
  if (!match) {
    return NaN;
  }
  var factor = 1;
  var found = match[2] === '';
  fnEach(fnUnits, function (unit) {
    if (!found && unit.toLowerCase() === match[2].toLowerCase()) {
      found = true;
      return false;
    }
    if (!found) {
      factor = factor * 1024;
    }
  });
  return found ? Math.round(parseFloat(match[1]) * factor) : NaN;
}

/**
 * The next size of the list; starts again at the end.
 *
 * @return {number}
 */
function fnNextSize() {
  fnState.index = (fnState.index + 1) % fnSizes.length;
  return fnSizes[fnState.index];
}

/**
 * Shows a size in the output element. Called from onclick.
 *
 * @param {number} bytes
 * @param {Element} button  the button that was pressed
 * @return {boolean} always false, so that a link would not be followed
 */
function fnShowSize(bytes, button) {
  var label = fnPad(fnState.index + 1, 2) + ' // ' + fnFormatBytes(bytes);
  fnLog(label);
  if (fnState.output) {
    fnText(fnState.output, label);
  }
  if (button && button.setAttribute) {
    button.setAttribute('data-bytes', String(bytes));
  }
  return false;
}

/* ------------------------------------------------------------------ *
 * The ruler
 * ------------------------------------------------------------------ */

/**
 * Shows or hides a ruler at the bottom of the window. Called from onclick.
 *
 * @return {boolean} whether it is shown now
 */
function fnToggleRuler() {
  if (fnState.ruler) {
    fnState.ruler.parentNode.removeChild(fnState.ruler);
    fnState.ruler = null;
    document.documentElement.removeAttribute('data-ruler');
    return false;
  }
  var ruler = document.createElement('div');
  ruler.className = 'fn-ruler';
  ruler.setAttribute('aria-hidden', 'true');
  document.body.appendChild(ruler);
  document.documentElement.setAttribute('data-ruler', 'on');
  fnState.ruler = ruler;
  return true;
}

/* ------------------------------------------------------------------ *
 * Start
 * ------------------------------------------------------------------ */

/**
 * Connects the helpers with a page.
 *
 * @param {{output: string, first: string}} options
 */
function fnInit(options) {
  var element = document.getElementById(options.output);
  if (!element) {
    fnLog('no element called "' + options.output + '"');
    return;
  }
  fnState.output = element;
  fnText(element, options.first);
  fnLog('started');
}

// A check that the two functions agree; it has found a bug once.
(function () {
  var ok = true;
  fnEach([0, 51, 1024, 1536, 3221225472], function (bytes) {
    var back = fnParseBytes(fnFormatBytes(bytes));
    if (back !== bytes) {
      ok = false;
      fnLog('lost ' + (bytes - back) + ' bytes');
    }
    return ok;
  });
  window.fnSelfTest = ok ? 'passed' : 'failed';
})();
