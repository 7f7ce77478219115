# installed by the packaging step
