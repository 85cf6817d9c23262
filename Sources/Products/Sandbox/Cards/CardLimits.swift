import Concurrency
import Time

/// What a vendor counts on its side: requests in a sliding window, and at the same time.
final class CardLimits: Sendable {
  /// At most so many requests in any window of that length.
  struct Window: Sendable {
    var name: String
    var requests: Int
    var length: Duration
  }

  private struct State {
    var arrivals: [String: [Duration]] = [:]
    var peaks: [String: Int] = [:]
    var open = 0
    var openPeak = 0
  }

  private let windows: [Window]
  private let concurrency: Int
  private let time: TimeSource
  private let state = Lock(State())

  init(_ windows: [Window], concurrency: Int = .max, time: TimeSource) {
    self.windows = windows
    self.concurrency = concurrency
    self.time = time
  }

  /// Counts a request.
  ///
  /// - Parameter names: The windows that it counts in.
  /// - Returns: The window that is full; nil where there is room in all.
  func arrive(_ names: Set<String>) -> Window? {
    let now = time.monotonic()
    return state.withLock { state in
      var full: Window?
      for window in windows where names.contains(window.name) {
        var arrivals = state.arrivals[window.name, default: []].filter { $0 > now - window.length }
        arrivals.append(now)
        state.arrivals[window.name] = arrivals
        state.peaks[window.name] = max(state.peaks[window.name] ?? 0, arrivals.count)
        if arrivals.count > window.requests { full = full ?? window }
      }
      return full
    }
  }

  /// Whether so many are served already that one more is refused. Call ``leave()`` after each.
  func enter() -> Bool {
    state.withLock { state in
      state.open += 1
      state.openPeak = max(state.openPeak, state.open)
      return state.open <= concurrency
    }
  }

  func leave() { state.withLock { $0.open -= 1 } }

  /// The most that was counted, and what is allowed: `10 of 60`.
  var peaks: [String: [String: Int]] {
    state.withLock { state in
      var peaks: [String: [String: Int]] = [:]
      for window in windows {
        peaks[window.name] = ["peak": state.peaks[window.name] ?? 0, "allowed": window.requests]
      }
      if concurrency < .max { peaks["at_once"] = ["peak": state.openPeak, "allowed": concurrency] }
      return peaks
    }
  }
}
