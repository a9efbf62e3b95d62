//! How much of the work one task takes.

/// Into how many windows of at most `most` rows `height` rows go, along each of `others`:
/// a number that threads share evenly, if windows are few.
///
/// Splitting the channels of a window among tasks also keeps threads busy, but every such task fills
/// the padded window anew.
pub fn window_count(height: usize, most: usize, others: usize) -> usize {
    let (threads, least) = (rayon::current_num_threads(), height.div_ceil(most));
    if least * others > 4 * threads {
        return least;
    }
    let even = |count: &usize| (count * others).is_multiple_of(threads);
    (least..=height / LEAST_ROWS).find(even).unwrap_or(least)
}

/// The fewest rows of a window: smaller ones would spend more on reading their neighbors' rows.
const LEAST_ROWS: usize = 8;

/// Into how many tasks the channels of a window go: one, unless few windows leave threads idle.
pub fn tasks_per_window(n_windows: usize, blocks: usize) -> usize {
    let threads = rayon::current_num_threads();
    if n_windows > 4 * threads || n_windows.is_multiple_of(threads) {
        return 1;
    }
    threads.min(blocks)
}
