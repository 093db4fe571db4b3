using System.Globalization;
using Aegis.Client;

namespace Aegis.Cli.Machine;

/// <summary>Waits until a download is there or ended, and says how far it is.</summary>
internal sealed class PullWatch(Terminal terminal, AegisClient client)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(400);

    private int told = -1;

    public async Task<LocalModel> UntilThereAsync(LocalModel model, CancellationToken cancel)
    {
        while (model.Status == "pulling")
        {
            Tell(model);
            await Task.Delay(LookAgain, cancel);
            model = (await client.ListLocalModelsAsync(cancel)).Items
                .FirstOrDefault(m => m.Model == model.Model) ?? model with { Status = "partial" };
        }
        Tell(model);
        if (terminal.Live)
        {
            terminal.Error.WriteLine();
        }
        return model;
    }

    // on a terminal one line that changes, elsewhere a line at each tenth of the way
    private void Tell(LocalModel model)
    {
        var percent = model.Bytes == 0 ? 100 : (int)(model.BytesThere * 100 / model.Bytes);
        var step = terminal.Live ? percent : percent / 10;
        if (step == told)
        {
            return;
        }
        told = step;
        var line = string.Create(CultureInfo.InvariantCulture,
            $"aegis: {percent} % of {model.Bytes} bytes");
        if (terminal.Live)
        {
            terminal.Error.Write($"\r{line} ");
        }
        else
        {
            terminal.Error.WriteLine(line);
        }
    }
}
