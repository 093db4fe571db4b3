// A process that owns a ledger, for tests that kill it. Arguments: the home and, if wanted, the directory of
// PostgreSQL's programs. It prints `ready <postmaster> <socket directory>`, `lost`, `stopped` or `error
// <code> …` and stops in order when its standard input ends.
using Aegis.Core.Errors;
using Aegis.Ledger;

try
{
    var options = new LedgerOptions { HomeDirectory = args[0], BinDirectory = args.ElementAtOrDefault(1) };
    await using var ledger = await LedgerDatabase.OpenAsync(options, TimeProvider.System,
        CancellationToken.None);
    var pid = File.ReadLines(Path.Combine(args[0], "postgres", "data", "postmaster.pid")).First();
    Console.WriteLine($"ready {pid} {ledger.SocketDirectory}");
    var told = Console.In.ReadToEndAsync();
    if (await Task.WhenAny(told, ledger.Lost) == ledger.Lost)
    {
        Console.WriteLine("lost");
        await told;
    }
}
catch (AegisException e)
{
    Console.WriteLine($"error {e.Error}");
    return 1;
}
Console.WriteLine("stopped");
return 0;
