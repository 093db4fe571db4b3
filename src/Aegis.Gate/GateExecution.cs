using Aegis.Models;
namespace Aegis.Gate;
public sealed class ExecutionFactory { public ValueTask<GateExecution> OpenAsync(GateCall call, ToolDescriptor d, CancellationToken c) => ValueTask.FromResult(new GateExecution(call)); }
public sealed class GateExecution(GateCall call) : Execution, IAsyncDisposable {
  public override CallContext Context => call.Context;
  public override ValueTask<CommandResult> SandboxAsync(SandboxCommand command, CancellationToken cancel) => throw new NotSupportedException();
  public override ValueTask<CommandResult> HostAsync(HostCommand command, CancellationToken cancel) => throw new NotSupportedException();
  public override ValueTask<ModelReply> ChatAsync(ModelRequest request, CancellationToken cancel) => throw new NotSupportedException();
  public override ValueTask<ForgeReply> ForgeAsync(ForgeRequest request, CancellationToken cancel) => throw new NotSupportedException();
  public override string ScratchDirectory => throw new NotSupportedException();
  public override void Log(string text) { }
  public ValueTask<CallOutcome> CloseAsync(ToolResult r) => ValueTask.FromResult(new CallOutcome(r, false, TimeSpan.Zero));
  public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
