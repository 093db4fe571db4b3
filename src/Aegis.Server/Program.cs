using System.Collections;
using System.Runtime.InteropServices;
using Aegis.Core.Errors;
using Aegis.Server;
using Aegis.Server.Configuration;

// 0 after a stop in order, 1 where the start failed, 2 where the configuration is wrong
if (Environment.IsPrivilegedProcess)
{
    return Refuse(
        2, "AEGIS6002: the server refuses to run as root; start it with ./aegis up, or as an ordinary user");
}

ServerOptions options;
try
{
    var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
        .ToDictionary(e => (string)e.Key, e => (string)e.Value!);
    options = ServerOptionsReader.Read(environment, Environment.UserName);
}
catch (ConfigurationException e)
{
    return Refuse(2, e.Message);
}

if (args is ["ledger", "upgrade"])
{
    return await LedgerUpgrade.RunAsync(options);
}
if (args is ["sandbox", .. var words])
{
    return await SandboxVerbs.RunAsync(words, options);
}
if (args.Length > 0)
{
    return Refuse(2, "AEGIS6001: the server takes no arguments but `ledger upgrade` and `sandbox …`");
}

using var loggers = ServerLog.Open(options.LogLevel);
using var stop = new CancellationTokenSource();
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
try
{
    await using var server = await AegisServer.StartAsync(options, Composition.OpenRoomsAsync, loggers,
        TimeProvider.System, stop.Token);
    var stopped = new TaskCompletionSource();
    using var asked = stop.Token.Register(stopped.SetResult);
    // taken now: a server that has stopped knows no engine any more
    var lost = server.Lost;
    var fenced = await Task.WhenAny(stopped.Task, lost) == lost;
    ServerLog.Stopping(loggers.CreateLogger<AegisServer>());
    await server.StopAsync();
    return fenced ? Refuse(1, $"AEGIS5011: the engine can append nothing any more: {await lost}") : 0;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 0;
}
catch (AegisException e)
{
    return Refuse(1, e.Error.ToString());
}
catch (IOException e)
{
    return Refuse(1, $"AEGIS6003: {e.Message}");
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

static int Refuse(int code, string words)
{
    Console.Error.WriteLine(words);
    return code;
}
