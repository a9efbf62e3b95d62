"""Opens files in this folder with Python's libraries, as far as they are there."""
import importlib
import sys

failed = False


def check(library, name, read, expected):
    """Says what a library reads; `read` gets it."""
    global failed
    try:
        module = importlib.import_module(library)
    except ImportError:
        print(f"{library}: not there")
        return
    found = read(module)
    right = found == expected
    failed |= not right
    print(f"{library}, {name}: {found}" + ("" if right else f", expected {expected}"))


def contour_of_jams(jams):
    data = jams.load("contour.jams", validate=True, strict=True).search(namespace="pitch_contour")[0].data
    return len(data), sum(it.value["voiced"] for it in data)


def notes_of_jams(jams):
    data = jams.load("notes.jams", validate=True, strict=True).search(namespace="note_hz")[0].data
    return [round(it.value, 1) for it in data]


def notes_of_midi(name):
    def read(mido):
        file = mido.MidiFile(name)
        return [it.note for it in file if it.type == "note_on"], round(file.length, 2)

    return read


def text_grid(textgrid):
    tier = textgrid.TextGrid.fromFile("notes.TextGrid").getFirst("notes")
    return [it.mark for it in tier if it.mark]


def praatio_grid(module):
    grid = module.openTextgrid("notes.TextGrid", includeEmptyIntervals=False)
    return [it.label for it in grid.getTier("words").entries]


def series(module):
    times, hz = module.load_time_series("contour.mirex.txt", delimiter=r"\s+")
    return len(times), int((hz > 0).sum())


def soft(numpy):
    arrays = numpy.load("contour.soft.npz")
    return arrays["class_probability"].shape, int(arrays["voiced"].sum()), int(arrays["mask"].sum())


check("jams", "contour", contour_of_jams, (100, 90))
check("jams", "notes", notes_of_jams, [220.0, 279.1])
check("mido", "midi", notes_of_midi("notes.mid"), ([57, 61], 1.0))
check("mido", "mpe", notes_of_midi("notes.mpe.mid"), ([57, 61], 1.0))
check("textgrid", "notes", text_grid, ["A3", "C#4+12"])
check("praatio.textgrid", "words", praatio_grid, ["la", "l\u00fc"])
check("mir_eval.io", "mirex", series, (100, 90))
check("numpy", "soft", soft, ((100, 3), 90, 0))
sys.exit(failed)
