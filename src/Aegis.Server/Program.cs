var x = 1; Console.WriteLine(x);
