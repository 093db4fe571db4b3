using System.Runtime.Versioning;
using Aegis.Durability;
using Aegis.Durability.Line;

[assembly: SupportedOSPlatform("linux")]

if (Environment.IsPrivilegedProcess)
{
    Console.Error.WriteLine(
        "durability: PostgreSQL and the server refuse root; run this as an ordinary user");
    return 2;
}
try
{
    var options = HarnessOptions.Parse(args);
    return options.Check ? await ProxyCheck.RunAsync()
        : options.SelfProof ? await SelfProof.RunAsync(options)
        : options.Sabotage is { } sabotage ? await SelfProof.RunOneAsync(options, sabotage)
        : options.Line ? await LineHarness.RunAsync(options)
        : (await Harness.RunAsync(options)).ExitCode;
}
catch (ArgumentException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
