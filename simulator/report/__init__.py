"""Reports: what people look at when a simulation is done.

    words       what figures and times are called, and how they read
    tables, compared    every figure as rows of plain values
    overview    the chosen figures that terminal and page show
    terminal    tables for the terminal
    drawing     how every chart looks
    timeline    a result along the day
    curves, heat, waits, differences, held_back    the charts
    pages       which charts and tables answer which question
    html        one page that needs no network, with `page.css` and `page.js`
    files, csv, xlsx    the tables as files
    write, place        all of them into place, whole or not at all

Works no figure out: what is shown stands in `simulator.result`, but for the offered
load and what Erlang's formulas say of it.
"""
