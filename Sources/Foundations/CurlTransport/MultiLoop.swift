import CCurl
import Concurrency
import HTTPClient

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A thread that owns a `curl_multi`, and the inbox through which other threads give it work.
final class MultiLoop: @unchecked Sendable {
  // Unchecked: `multi` is set once and libcurl allows its wake-up from any thread; `running` and `idle` belong to the
  // loop's thread alone; all else is behind `inbox`.
  private struct Inbox {
    var transfers: [Transfer] = []
    var cancelled: Set<Int> = []
    var isStopping = false
    var nextID = 0
    var thread: pthread_t?
  }

  private let multi: UnsafeMutableRawPointer
  private let inbox = Lock(Inbox())
  private var running: [UnsafeMutableRawPointer: (transfer: Transfer, handle: EasyHandle)] = [:]
  private var idle: [EasyHandle] = []

  init() throws {
    curl_global_init(Int(CURL_GLOBAL_ALL))
    guard let multi = curl_multi_init() else { throw TransportError(.invalidRequest, "libcurl has no memory") }
    self.multi = multi
  }

  func newID() -> Int {
    inbox.withLock { inbox in
      inbox.nextID += 1
      return inbox.nextID
    }
  }

  func start(_ transfer: Transfer) {
    let hasThread = inbox.withLock { inbox in
      if inbox.thread == nil { inbox.thread = spawn() }
      guard inbox.thread != nil else { return false }
      inbox.transfers.append(transfer)
      return true
    }
    guard hasThread else {
      return transfer.continuation.resume(throwing: TransportError(.connect, "the system has no thread to spare"))
    }
    curl_multi_wakeup(multi)
  }

  func cancel(_ id: Int) {
    inbox.withLock { _ = $0.cancelled.insert(id) }
    curl_multi_wakeup(multi)
  }

  /// Ends the thread and waits for it; transfers still running fail as cancelled.
  func stop() {
    let thread = inbox.withLock { inbox in
      inbox.isStopping = true
      return inbox.thread
    }
    if let thread {
      curl_multi_wakeup(multi)
      pthread_join(thread, nil)
    }
    idle = []
    curl_multi_cleanup(multi)
  }

  private func spawn() -> pthread_t? {
    var thread = pthread_t()
    let retained = Unmanaged.passRetained(self)
    let context = retained.toOpaque()
    let status = pthread_create(
      &thread, nil,
      { context in
        if let context { Unmanaged<MultiLoop>.fromOpaque(context).takeRetainedValue().run() }
        return nil
      }, context)
    guard status == 0 else {
      retained.release()
      return nil
    }
    return thread
  }

  private func run() {
    while true {
      let (transfers, cancelled, isStopping) = inbox.withLock { inbox in
        defer {
          inbox.transfers = []
          inbox.cancelled = []
        }
        return (inbox.transfers, inbox.cancelled, inbox.isStopping)
      }
      for transfer in transfers {
        if cancelled.contains(transfer.id) {
          transfer.continuation.resume(throwing: MultiLoop.cancellation)
        } else {
          add(transfer)
        }
      }
      if !cancelled.isEmpty || isStopping {
        for (pointer, entry) in running where isStopping || cancelled.contains(entry.transfer.id) {
          remove(pointer)
          entry.transfer.continuation.resume(throwing: MultiLoop.cancellation)
        }
      }
      if isStopping { return }
      var count: Int32 = 0
      curl_multi_perform(multi, &count)
      finishTransfers()
      // Returns for traffic, for libcurl's timers and after `curl_multi_wakeup`.
      curl_multi_poll(multi, nil, 0, 60_000, nil)
    }
  }

  private func add(_ transfer: Transfer) {
    do {
      let handle = try idle.popLast() ?? EasyHandle()
      try handle.prepare(transfer.request, trustStore: TrustStore.path, usesProxy: true)
      running[handle.pointer] = (transfer, handle)
      let code = curl_multi_add_handle(multi, handle.pointer)
      guard code == CURLM_OK else {
        running[handle.pointer] = nil
        throw TransportError(.invalidRequest, String(cString: curl_multi_strerror(code)))
      }
    } catch {
      transfer.continuation.resume(throwing: error)
    }
  }

  private func finishTransfers() {
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let pointer = message.pointee.easy_handle else { continue }
      let code = shim_message_result(message)
      guard let entry = running[pointer] else { continue }
      let result = Result { try entry.handle.response(for: code) }
      remove(pointer)
      entry.transfer.continuation.resume(with: result)
    }
  }

  private func remove(_ pointer: UnsafeMutableRawPointer) {
    curl_multi_remove_handle(multi, pointer)
    guard let entry = running.removeValue(forKey: pointer) else { return }
    entry.handle.discard()
    if idle.count < 32 { idle.append(entry.handle) }
  }

  private static let cancellation = TransportError(.cancelled, "the request was cancelled")
}
