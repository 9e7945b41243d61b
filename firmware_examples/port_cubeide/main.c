/* SPDX-License-Identifier: Apache-2.0 */
/* main.c of a CubeIDE project: CubeMX writes all but the lines between USER CODE marks. */
#include "main.h"

/* USER CODE BEGIN Includes */
#include "agent.h"
/* USER CODE END Includes */

UART_HandleTypeDef huart1;

int main(void)
{
    HAL_Init();
    SystemClock_Config();
    MX_USART1_UART_Init();
    /* USER CODE BEGIN 2 */
    nk_agent_run(); /* answers the host until its serial line ends, which a UART never does */
    /* USER CODE END 2 */
    for (;;) {
    }
}
