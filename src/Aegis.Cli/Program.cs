using Aegis.Cli;

using var interrupt = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    // the first Ctrl-C ends the command in order; a second one ends the process
    if (!interrupt.IsCancellationRequested)
    {
        pressed.Cancel = true;
        interrupt.Cancel();
    }
};
return await CommandLine.InvokeAsync(args, Terminal.OfProcess(), interrupt.Token);
